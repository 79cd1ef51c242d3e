import { everyKernel } from './every-kernel';

await everyKernel('avx2');
