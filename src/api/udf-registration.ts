// Functions of the program by name, for SQL text. Spark counterpart: `UDFRegistration`.
import type { CallExpression, Relation } from '../plan/nodes.generated.js';
import { withFunctions } from '../plan/registered-functions.js';
import { describe, invalidArgument, requireText } from './argument.js';
import type { Column } from './column.js';
import { NameRegistry } from './name-registry.js';
import { renamedAggregate } from './udaf.js';

/** What a name must be to be called without quotes. */
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** The functions that SQL text of a session can call besides Spark's: `session.udf`. */
export class UDFRegistration {
  readonly #calls = new NameRegistry<CallExpression>();

  /**
   * Gives an aggregate that `udaf` made a name, by which `session.sql`, `selectExpr`, `expr` and conditions in text call it. Names are the
   * same in upper and lower case. It takes the place of one that was registered under the name before, in what is made of text from then on:
   * DataFrames that are there keep what they have. A function of Spark's of that name comes first; `session.name(...)` in text passes it over.
   * Returns the aggregate under its new name, for the typed API. Throws ARGUMENT_INVALID for other functions, and for a name that is not an
   * identifier.
   *
   * ```ts
   * session.udf.register('spread', spread);
   * prices.createOrReplaceTempView('prices');
   * session.sql('SELECT symbol, spread(price) AS spread FROM prices GROUP BY symbol');
   * ```
   */
  register<F extends (...columns: never) => Column<unknown>>(name: string, aggregate: F): F {
    const method = 'udf.register';
    if (!IDENTIFIER.test(requireText(method, 'the name', name)))
      throw invalidArgument(method, 'the name must be an identifier: letters, digits and _, no digit first');
    const renamed = typeof aggregate === 'function' ? renamedAggregate(aggregate, name) : undefined;
    if (renamed === undefined) {
      const got = typeof aggregate === 'function' ? 'another function' : describe(aggregate);
      throw invalidArgument(method, `it takes an aggregate that udaf(...) made, got ${got}; there are no functions of single rows`);
    }
    this.#calls.set(name, renamed.call);
    return renamed.function as F;
  }

  /** A plan with the functions that its newest texts name: what each DataFrame asks for. */
  bind(plan: Relation): Relation {
    return this.#calls.isEmpty ? plan : withFunctions(plan, (text) => this.#calls.mentionedIn(text));
  }
}
