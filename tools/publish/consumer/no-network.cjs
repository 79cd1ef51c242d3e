// Preloaded into examples and the command: whoever opens a port or a connection ends the process.
const dgram = require('node:dgram');
const net = require('node:net');

const refuse = (what) => () => {
  process.stderr.write(`no-network: ${new Error(what).stack}\n`);
  process.exit(99);
};
net.Server.prototype.listen = refuse('listens');
net.Socket.prototype.connect = refuse('connects');
dgram.Socket.prototype.bind = refuse('binds');
