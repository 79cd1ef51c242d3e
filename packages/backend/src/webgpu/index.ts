export { registerWebGpu, type WebGpuInfo, type WebGpuOptions, webGpuInfo } from './register';
