import { everyKernel } from './every-kernel';

await everyKernel('neon');
