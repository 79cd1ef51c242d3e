import { everyKernel } from './every-kernel';

await everyKernel('avx512');
