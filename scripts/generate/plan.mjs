// schema/plan.toml -> the nodes of the unresolved plan: a discriminated union in TypeScript, serde enums in Rust.
import { parse } from 'smol-toml';
import { assertDistinct, header, pascalCase, rustfmt, snakeCase } from './source-text.mjs';

const TYPESCRIPT = {
  string: 'string',
  boolean: 'boolean',
  number: 'number',
  json: 'JsonValue',
  strings: 'Readonly<Record<string, string>>',
  Relation: 'Relation',
  Expression: 'Expression',
  Branch: 'Branch',
};

const RUST = {
  string: 'String',
  boolean: 'bool',
  number: 'u32',
  json: 'Value',
  strings: 'BTreeMap<String, String>',
  Relation: 'Relation',
  Expression: 'Expression',
  Branch: 'Branch',
};

/** @returns {[string, string][]} path and text of each file */
export function generatePlan(toml) {
  const schema = parse(toml);
  const relations = readNodes(schema.relation);
  const expressions = readNodes(schema.expression);
  assertDistinct([...relations.map(({ name }) => `${name}Relation`), ...expressions.map(({ name }) => `${name}Expression`)], 'plan nodes');
  return [
    ['src/plan/nodes.generated.ts', typeScript(relations, expressions)],
    ['native/core/src/plan/nodes_generated.rs', rustfmt(rust(relations, expressions))],
  ];
}

function readNodes(section) {
  return Object.entries(section).map(([tag, { doc, fields }]) => ({
    tag,
    name: pascalCase(tag),
    doc,
    fields: Object.entries(fields).map(([name, text]) => readField(tag, name, text)),
  }));
}

function readField(tag, name, text) {
  const match = /^(\w+)(\[\])?(\?)?$/.exec(text);
  if (!match || !(match[1] in RUST)) throw new Error(`${tag}.${name} has the unknown type ${text}`);
  return { name, type: match[1], list: match[2] !== undefined, optional: match[3] !== undefined };
}

function typeScript(relations, expressions) {
  const node = (suffix, tagName) => (entry) =>
    `/** ${entry.doc} */
export interface ${entry.name}${suffix} {
  readonly ${tagName}: '${entry.tag}';
${entry.fields.map(typeScriptField).join('\n')}
}
`;
  const union = (name, nodes) => `export type ${name} =\n${nodes.map((entry) => `  | ${entry.name}${name}`).join('\n')};\n`;
  return `${header('plan.toml')}
/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** A node that yields rows; \`op\` tells which. */
${union('Relation', relations)}
/** A node that yields a value for each row; \`expr\` tells which. */
${union('Expression', expressions)}
/** One arm of a caseWhen. */
export interface Branch {
  readonly when: Expression;
  readonly then: Expression;
}

${[...relations.map(node('Relation', 'op')), ...expressions.map(node('Expression', 'expr'))].join('\n')}`;
}

function typeScriptField({ name, type, list, optional }) {
  const element = TYPESCRIPT[type];
  const full = list ? `readonly ${element}[]` : element;
  // `| undefined`: JSON leaves undefined out, so builders need not.
  return optional ? `  readonly ${name}?: ${full} | undefined;` : `  readonly ${name}: ${full};`;
}

function rust(relations, expressions) {
  const variant = ({ name, doc, fields }) => `    /// ${doc}\n    ${name} {\n${fields.map(rustField).join('\n')}\n    },`;
  const derive = '#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]';
  const tagged = (tag) => `${derive}\n#[serde(tag = "${tag}", rename_all = "camelCase", rename_all_fields = "camelCase")]`;
  return `${header('plan.toml')}
// The fields say what they are in the schema, once for both sides.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A node that yields rows. Nesting from JSON is bounded by serde_json's recursion limit (128 levels of objects and lists).
${tagged('op')}
pub enum Relation {
${relations.map(variant).join('\n')}
}

/// A node that yields a value for each row.
${tagged('expr')}
pub enum Expression {
${expressions.map(variant).join('\n')}
}

/// One arm of a \`CaseWhen\`.
${derive}
pub struct Branch {
    pub when: Expression,
    pub then: Expression,
}
`;
}

function rustField({ name, type, list, optional }) {
  const recursive = type === 'Relation' || type === 'Expression';
  const element = list ? `Vec<${RUST[type]}>` : recursive ? `Box<${RUST[type]}>` : RUST[type];
  const attribute = optional ? '        #[serde(default, skip_serializing_if = "Option::is_none")]\n' : '';
  return `${attribute}        ${snakeCase(name)}: ${optional ? `Option<${element}>` : element},`;
}
