#!/usr/bin/env node
// Committed, so that npm can link the command before the first build.
// CommonJS, because loading an ES module starts libuv's pool, whose size cannot change afterwards: its 4 threads decode the images of
// all workers.
const { availableParallelism } = require('node:os');

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, availableParallelism() + 2));
import('../dist/main.js');
