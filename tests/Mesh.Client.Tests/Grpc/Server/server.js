// A gRPC server on grpc-js without generated code: messages are bytes, behaviour is asked for by metadata.
//   x-status: n      end with this status
//   x-fail-first: n  do so only for the first n calls with the same x-call
//   x-pushback: s    send it as grpc-retry-pushback-ms with the failure
//   x-delay: ms      answer after this long
'use strict';
const grpc = require('@grpc/grpc-js');

const bytes = b => b;
const method = (name, requestStream, responseStream) => ({
  path: `/test.Echo/${name}`, requestStream, responseStream,
  requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes,
});

const calls = new Map();

function first(metadata, key) {
  const values = metadata.get(key);
  return values.length > 0 ? String(values[0]) : undefined;
}

// The failure asked for, or undefined.
function failure(call) {
  const status = first(call.metadata, 'x-status');
  if (status === undefined) {
    return undefined;
  }

  const id = first(call.metadata, 'x-call') ?? '';
  const count = (calls.get(id) ?? 0) + 1;
  calls.set(id, count);
  const limit = first(call.metadata, 'x-fail-first');
  if (limit !== undefined && count > Number(limit)) {
    return undefined;
  }

  const metadata = new grpc.Metadata();
  const pushback = first(call.metadata, 'x-pushback');
  if (pushback !== undefined) {
    metadata.set('grpc-retry-pushback-ms', pushback);
  }

  return { code: Number(status), details: 'as asked: ä', metadata };
}

function tellAttempt(call) {
  const metadata = new grpc.Metadata();
  metadata.set('x-previous', first(call.metadata, 'grpc-previous-rpc-attempts') ?? '0');
  const deadline = call.getDeadline();
  metadata.set('x-left', deadline === Infinity ? 'none' : String(Math.round(Number(deadline) - Date.now())));
  call.sendMetadata(metadata);
}

const implementation = {
  Unary(call, callback) {
    const failed = failure(call);
    const answer = () => {
      if (failed) {
        callback(failed);
      } else {
        tellAttempt(call);
        callback(null, call.request);
      }
    };
    setTimeout(answer, Number(first(call.metadata, 'x-delay') ?? '0'));
  },
  // Answers each byte of the request as a message of its own; then fails, if asked to, in real trailers.
  Split(call) {
    tellAttempt(call);
    for (const byte of call.request) {
      call.write(Buffer.from([byte]));
    }

    const failed = failure(call);
    if (failed) {
      call.emit('error', failed);
    } else {
      call.end();
    }
  },
  Join(call, callback) {
    const parts = [];
    call.on('data', part => parts.push(part));
    call.on('end', () => callback(null, Buffer.concat(parts)));
  },
  Chat(call) {
    call.on('data', part => call.write(part));
    call.on('end', () => call.end());
  },
};

const server = new grpc.Server();
server.addService({
  Unary: method('Unary', false, false),
  Split: method('Split', false, true),
  Join: method('Join', true, false),
  Chat: method('Chat', true, true),
}, implementation);

server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }

  console.log(`listening ${port}`);
});

// Ends with the test that started it, also when that is killed.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
