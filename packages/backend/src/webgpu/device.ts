/// <reference types="@webgpu/types" />

/** Features that the kernels or the profile can use, asked for where the adapter has them. */
const wanted: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16'];

/** Limits raised to what the adapter has: large tensors, and profiles. Kernels keep to WebGPU's defaults for all others. */
const raised = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Asks `adapter` for a device with every feature and limit that this backend can use. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return adapter.requestDevice({
    label: 'resnet',
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(raised.map((limit) => [limit, adapter.limits[limit]])),
  });
}
