// Questions about a plan that Rust answers without running it: row type, text of the plan, schemas from DDL.
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { Relation } from '../plan/nodes.generated.js';
import { planToJson } from '../plan/plan-json.js';
import type { Conf } from './conf-values.js';

/** The row type of a plan. Throws what is wrong with it: UNRESOLVED_COLUMN, DATATYPE_MISMATCH, ... Spark counterpart: `Dataset.schema`. */
export function analyzePlan(plan: Relation, conf: Conf): StructType {
  return JSON.parse(native.analyze(planToJson(plan), JSON.stringify(conf))) as StructType;
}

/** A row type from DDL text (`id STRING, amount INT`) or from Spark's JSON. Throws PARSE_SYNTAX_ERROR. Spark counterpart: `StructType.fromDDL`. */
export function parseDdl(text: string): StructType {
  return JSON.parse(native.parseDdl(text)) as StructType;
}

/** Interval text such as '10 minutes' in milliseconds. Throws CANNOT_PARSE_INTERVAL. */
export function parseInterval(text: string): number {
  return native.parseInterval(text);
}

/** The plan as text; `extended` shows the steps before it too. Spark counterpart: `Dataset.explain`. */
export function explainPlan(plan: Relation, conf: Conf, extended: boolean): string {
  return native.explain(planToJson(plan), JSON.stringify(conf), extended);
}
