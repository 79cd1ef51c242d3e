// Times every dispatch of a device by timestamps, whoever encodes it: each gets a compute pass of its own.

/** Most queries in a set; a dispatch takes two. */
const QUERIES = 4096;

/**
 * Times the dispatches that are encoded from now on.
 *
 * @returns `stop`, which gives a row for each label of a pipeline, longest first.
 */
export function timeDispatches(device) {
  const { beginComputePass } = GPUCommandEncoder.prototype;
  const sets = [];
  const labels = [];
  const next = (label) => {
    const index = (2 * labels.length) % QUERIES;
    if (index === 0) sets.push(device.createQuerySet({ type: 'timestamp', count: QUERIES }));
    labels.push(label);
    return { querySet: sets.at(-1), beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 };
  };
  GPUCommandEncoder.prototype.beginComputePass = function () {
    let [pipeline, group] = [];
    return {
      setPipeline: (given) => {
        pipeline = given;
      },
      setBindGroup: (_, given) => {
        group = given;
      },
      dispatchWorkgroups: (...grid) => {
        const pass = beginComputePass.call(this, { timestampWrites: next(pipeline.label) });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...grid);
        pass.end();
      },
      end: () => {},
    };
  };
  return async () => {
    GPUCommandEncoder.prototype.beginComputePass = beginComputePass;
    return byLabel(labels, await nanoseconds(device, sets));
  };
}

/** The values of all queries, in order. */
async function nanoseconds(device, sets) {
  const size = 8 * QUERIES;
  const times = [];
  for (const set of sets) {
    const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    const readable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(set, 0, QUERIES, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
    device.queue.submit([encoder.finish()]);
    await readable.mapAsync(GPUMapMode.READ);
    times.push(...new BigUint64Array(readable.getMappedRange().slice(0)));
    for (const used of [resolved, readable, set]) used.destroy();
  }
  return times;
}

function byLabel(labels, times) {
  const rows = new Map();
  for (const [i, label] of labels.entries()) {
    const row = rows.get(label) ?? { label, calls: 0, microseconds: 0 };
    row.calls += 1;
    row.microseconds += Number(times[2 * i + 1] - times[2 * i]) / 1000;
    rows.set(label, row);
  }
  return [...rows.values()].sort((a, b) => b.microseconds - a.microseconds);
}
