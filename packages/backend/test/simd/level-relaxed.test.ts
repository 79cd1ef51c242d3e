import { everyKernel } from './every-kernel';

await everyKernel('relaxed');
