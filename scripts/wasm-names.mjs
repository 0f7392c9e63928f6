// Short names for what the client calls of the browser. wasm-bindgen names each call with a hash, once in its script
// and once in the programme; hashes do not compress, and nobody reads them in a release.

/** The programme with its calls renamed, and the names: old → new. Only the imports of wasm-bindgen's own module. */
export function shorten(wasm) {
  const names = new Map();
  let at = 8; // behind the magic word and the version
  const number = () => {
    let value = 0, shift = 0, byte;
    do {
      byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const word = () => {
    const length = number();
    return wasm.subarray(at, (at += length)).toString();
  };
  while (at < wasm.length) {
    const start = at;
    const section = wasm[at++];
    const end = number() + at;
    if (section !== 2) {
      at = end;
      continue;
    }
    const body = [leb(number())];
    while (at < end) {
      const module = word();
      const name = word();
      const kind = at;
      // What is imported: a function's type, or a table, memory, global or tag. Only functions come from that module.
      if (wasm[at++] !== 0) throw new Error(`${module} ${name}: an import that is not a function`);
      number();
      if (module === "./app_bg.js" && !names.has(name)) names.set(name, names.size.toString(36));
      body.push(lengthFirst(module), lengthFirst(names.get(name) ?? name), wasm.subarray(kind, at));
    }
    const bytes = Buffer.concat(body);
    return { wasm: Buffer.concat([wasm.subarray(0, start), Buffer.from([2]), leb(bytes.length), bytes, wasm.subarray(end)]), names };
  }
  return { wasm, names };
}

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value);
  return Buffer.from(bytes);
}

function lengthFirst(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([leb(bytes.length), bytes]);
}
