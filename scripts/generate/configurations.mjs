// schema/config.toml -> names, types and defaults of a session's configurations, for both sides.
import { parse } from 'smol-toml';
import { assertDistinct, header, quote, quoteTypeScript, rustfmt, screamingCase } from './source-text.mjs';

const TYPES = ['boolean', 'int', 'string', 'bytes', 'duration'];

/** @returns {[string, string][]} path and text of each file */
export function generateConfigurations(toml) {
  const configurations = Object.entries(parse(toml)).map(([name, entry]) => readConfiguration(name, entry));
  assertDistinct(
    configurations.map(({ constant }) => constant),
    'configurations',
  );
  return [
    ['src/engine/config.generated.ts', typeScript(configurations)],
    ['native/core/src/config_generated.rs', rustfmt(rust(configurations))],
  ];
}

function readConfiguration(name, entry) {
  if (!TYPES.includes(entry.type)) throw new Error(`${name} needs a type of ${TYPES.join(', ')}`);
  if (entry.default === undefined || typeof entry.doc !== 'string') throw new Error(`${name} needs a default and a doc`);
  // What all names of a family share says nothing inside millrace: spark.sql.ansi.enabled is ANSI_ENABLED.
  const constant = screamingCase(name.replace(/^(spark\.sql\.streaming\.|spark\.sql\.|spark\.|millrace\.)/, ''));
  return { name, constant, type: entry.type, default: String(entry.default), doc: entry.doc };
}

function typeScript(configurations) {
  const entries = configurations.map(
    (entry) => `  ${quoteTypeScript(entry.name)}: {
    type: '${entry.type}',
    default: ${quoteTypeScript(entry.default)},
    doc: ${quoteTypeScript(entry.doc)},
  },`,
  );
  return `${header('config.toml')}
/** Values are text everywhere; the type says how the text is read. */
export type ConfigurationType = ${TYPES.map((type) => `'${type}'`).join(' | ')};

export interface Configuration {
  readonly type: ConfigurationType;
  readonly default: string;
  readonly doc: string;
}

/** Every configuration of a session. */
export const CONFIGURATIONS = {
${entries.join('\n')}
} as const satisfies Record<string, Configuration>;

export type ConfigurationName = keyof typeof CONFIGURATIONS;
`;
}

function rust(configurations) {
  const constants = configurations.map((entry) => `/// ${entry.doc}\npub const ${entry.constant}: &str = ${quote(entry.name)};`);
  const table = configurations.map(
    (entry) => `Configuration { name: ${entry.constant}, value_type: ${quote(entry.type)}, default: ${quote(entry.default)} }`,
  );
  return `${header('config.toml')}
${constants.join('\n\n')}

/// A configuration of a session. Values are text; the type says how the text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Configuration {
    /// Spark's name, or ours.
    pub name: &'static str,
    /// One of ${TYPES.join(', ')}.
    pub value_type: &'static str,
    /// The default, as text.
    pub default: &'static str,
}

/// Every configuration of a session.
pub const CONFIGURATIONS: &[Configuration] = &[${table.join(',\n')}];
`;
}
