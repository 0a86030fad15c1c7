// Generated from schema/result.fbs by `npm run generate`; edit the schema, not this file.

import * as flatbuffers from 'flatbuffers';

/**
 * Spark's StateOperatorProgress, one per stateful operator, the operator nearest the sink first.
 */
export class StateOperatorCounters {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):StateOperatorCounters {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

static getRootAsStateOperatorCounters(bb:flatbuffers.ByteBuffer, obj?:StateOperatorCounters):StateOperatorCounters {
  return (obj || new StateOperatorCounters()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

static getSizePrefixedRootAsStateOperatorCounters(bb:flatbuffers.ByteBuffer, obj?:StateOperatorCounters):StateOperatorCounters {
  bb.setPosition(bb.position() + flatbuffers.SIZE_PREFIX_LENGTH);
  return (obj || new StateOperatorCounters()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

operatorName():string|null
operatorName(optionalEncoding:flatbuffers.Encoding):string|Uint8Array|null
operatorName(optionalEncoding?:any):string|Uint8Array|null {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.__string(this.bb_pos + offset, optionalEncoding) : null;
}

numRowsTotal():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numRowsUpdated():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 8);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numRowsRemoved():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 10);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

/**
 * Partial groups that reached the operator behind the watermark: Spark's metric.
 */
numRowsDroppedByWatermark():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 12);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

/**
 * Input rows behind the watermark in every one of their windows: exact, ours.
 */
numLateInputRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 14);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

memoryUsedBytes():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 16);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numShards():number {
  const offset = this.bb!.__offset(this.bb_pos, 18);
  return offset ? this.bb!.readUint32(this.bb_pos + offset) : 0;
}

/**
 * Rows whose key a deduplication had seen.
 */
numDroppedDuplicateRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 20);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

/**
 * Timers of the program's functions.
 */
numRegisteredTimers():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 22);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numDeletedTimers():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 24);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numExpiredTimers():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 26);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

static startStateOperatorCounters(builder:flatbuffers.Builder) {
  builder.startObject(12);
}

static addOperatorName(builder:flatbuffers.Builder, operatorNameOffset:flatbuffers.Offset) {
  builder.addFieldOffset(0, operatorNameOffset, 0);
}

static addNumRowsTotal(builder:flatbuffers.Builder, numRowsTotal:bigint) {
  builder.addFieldInt64(1, numRowsTotal, BigInt('0'));
}

static addNumRowsUpdated(builder:flatbuffers.Builder, numRowsUpdated:bigint) {
  builder.addFieldInt64(2, numRowsUpdated, BigInt('0'));
}

static addNumRowsRemoved(builder:flatbuffers.Builder, numRowsRemoved:bigint) {
  builder.addFieldInt64(3, numRowsRemoved, BigInt('0'));
}

static addNumRowsDroppedByWatermark(builder:flatbuffers.Builder, numRowsDroppedByWatermark:bigint) {
  builder.addFieldInt64(4, numRowsDroppedByWatermark, BigInt('0'));
}

static addNumLateInputRows(builder:flatbuffers.Builder, numLateInputRows:bigint) {
  builder.addFieldInt64(5, numLateInputRows, BigInt('0'));
}

static addMemoryUsedBytes(builder:flatbuffers.Builder, memoryUsedBytes:bigint) {
  builder.addFieldInt64(6, memoryUsedBytes, BigInt('0'));
}

static addNumShards(builder:flatbuffers.Builder, numShards:number) {
  builder.addFieldInt32(7, numShards, 0);
}

static addNumDroppedDuplicateRows(builder:flatbuffers.Builder, numDroppedDuplicateRows:bigint) {
  builder.addFieldInt64(8, numDroppedDuplicateRows, BigInt('0'));
}

static addNumRegisteredTimers(builder:flatbuffers.Builder, numRegisteredTimers:bigint) {
  builder.addFieldInt64(9, numRegisteredTimers, BigInt('0'));
}

static addNumDeletedTimers(builder:flatbuffers.Builder, numDeletedTimers:bigint) {
  builder.addFieldInt64(10, numDeletedTimers, BigInt('0'));
}

static addNumExpiredTimers(builder:flatbuffers.Builder, numExpiredTimers:bigint) {
  builder.addFieldInt64(11, numExpiredTimers, BigInt('0'));
}

static endStateOperatorCounters(builder:flatbuffers.Builder):flatbuffers.Offset {
  const offset = builder.endObject();
  return offset;
}

static createStateOperatorCounters(builder:flatbuffers.Builder, operatorNameOffset:flatbuffers.Offset, numRowsTotal:bigint, numRowsUpdated:bigint, numRowsRemoved:bigint, numRowsDroppedByWatermark:bigint, numLateInputRows:bigint, memoryUsedBytes:bigint, numShards:number, numDroppedDuplicateRows:bigint, numRegisteredTimers:bigint, numDeletedTimers:bigint, numExpiredTimers:bigint):flatbuffers.Offset {
  StateOperatorCounters.startStateOperatorCounters(builder);
  StateOperatorCounters.addOperatorName(builder, operatorNameOffset);
  StateOperatorCounters.addNumRowsTotal(builder, numRowsTotal);
  StateOperatorCounters.addNumRowsUpdated(builder, numRowsUpdated);
  StateOperatorCounters.addNumRowsRemoved(builder, numRowsRemoved);
  StateOperatorCounters.addNumRowsDroppedByWatermark(builder, numRowsDroppedByWatermark);
  StateOperatorCounters.addNumLateInputRows(builder, numLateInputRows);
  StateOperatorCounters.addMemoryUsedBytes(builder, memoryUsedBytes);
  StateOperatorCounters.addNumShards(builder, numShards);
  StateOperatorCounters.addNumDroppedDuplicateRows(builder, numDroppedDuplicateRows);
  StateOperatorCounters.addNumRegisteredTimers(builder, numRegisteredTimers);
  StateOperatorCounters.addNumDeletedTimers(builder, numDeletedTimers);
  StateOperatorCounters.addNumExpiredTimers(builder, numExpiredTimers);
  return StateOperatorCounters.endStateOperatorCounters(builder);
}
}
