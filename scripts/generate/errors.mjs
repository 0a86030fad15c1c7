// schema/errors.toml -> the codes, texts and properties of every error, for both sides.
import { parse } from 'smol-toml';
import { assertDistinct, header, pascalCase, quote, quoteTypeScript, rustfmt } from './source-text.mjs';

const DOMAINS = ['user', 'external', 'internal'];
const FIELDS = ['domain', 'retryable', 'sqlState', 'message', 'advice'];

/** @returns {[string, string][]} path and text of each file */
export function generateErrors(toml) {
  const errors = Object.entries(parse(toml)).map(([code, entry]) => readError(code, entry));
  assertDistinct(
    errors.map((error) => error.variant),
    'error codes',
  );
  return [
    ['src/error/codes.generated.ts', typeScript(errors)],
    ['native/core/src/error_generated.rs', rustfmt(rust(errors))],
  ];
}

function readError(code, entry) {
  for (const field of Object.keys(entry)) if (!FIELDS.includes(field)) throw new Error(`${code} has the unknown field ${field}`);
  if (!DOMAINS.includes(entry.domain)) throw new Error(`${code} needs a domain of ${DOMAINS.join(', ')}`);
  if (typeof entry.message !== 'string' || typeof entry.advice !== 'string') throw new Error(`${code} needs a message and advice`);
  return { code, variant: pascalCase(code), retryable: false, sqlState: null, ...entry };
}

function typeScript(errors) {
  const entries = errors.map(
    ({ code, domain, retryable, sqlState, message, advice }) => `  ${quoteTypeScript(code)}: {
    domain: '${domain}',
    retryable: ${retryable},
    sqlState: ${sqlState === null ? 'null' : quoteTypeScript(sqlState)},
    message: ${quoteTypeScript(message)},
    advice: ${quoteTypeScript(advice)},
  },`,
  );
  return `${header('errors.toml')}
/** What is fixed about an error code; \`<name>\` in the message marks a parameter. */
export interface ErrorDefinition {
  readonly domain: 'user' | 'external' | 'internal';
  readonly retryable: boolean;
  readonly sqlState: string | null;
  readonly message: string;
  readonly advice: string;
}

/** Every error code of millrace. */
export const ERROR_CODES = {
${entries.join('\n')}
} as const satisfies Record<string, ErrorDefinition>;

/** The stable name of a failure; names that Spark has are Spark's. */
export type ErrorCode = keyof typeof ERROR_CODES;
`;
}

function rust(errors) {
  const variants = errors.map(({ code, variant, domain }) => `    /// \`${code}\` (${domain})\n    ${variant},`);
  const all = errors.map(({ variant }) => `ErrorCode::${variant}`);
  const definitions = errors.map(
    ({ code, domain, retryable, sqlState, message, advice }) => `Definition {
        name: ${quote(code)},
        domain: ${quote(domain)},
        retryable: ${retryable},
        sql_state: ${sqlState === null ? 'None' : `Some(${quote(sqlState)})`},
        message: ${quote(message)},
        advice: ${quote(advice)},
    }`,
  );
  return `${header('errors.toml')}
use std::str::FromStr;

/// The stable name of a failure; names that Spark has are Spark's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
${variants.join('\n')}
}

struct Definition {
    name: &'static str,
    domain: &'static str,
    retryable: bool,
    sql_state: Option<&'static str>,
    message: &'static str,
    advice: &'static str,
}

impl ErrorCode {
    /// Every code, in the schema's order.
    pub const ALL: &'static [ErrorCode] = &[${all.join(', ')}];

    fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }

    /// The code as users see it.
    pub fn as_str(self) -> &'static str {
        self.definition().name
    }

    /// Whose it is: \`user\`, \`external\` or \`internal\`.
    pub fn domain(self) -> &'static str {
        self.definition().domain
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(self) -> bool {
        self.definition().retryable
    }

    /// SQLSTATE, where Spark gives the condition one.
    pub fn sql_state(self) -> Option<&'static str> {
        self.definition().sql_state
    }

    /// The message with \`<name>\` in place of its parameters.
    pub fn message_template(self) -> &'static str {
        self.definition().message
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        self.definition().advice
    }
}

impl FromStr for ErrorCode {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name).ok_or_else(|| format!("no error code {name}"))
    }
}

/// In the order of the variants.
static DEFINITIONS: [Definition; ${errors.length}] = [${definitions.join(',\n')}];
`;
}
