import { everyKernel } from './every-kernel';

await everyKernel('simd128');
