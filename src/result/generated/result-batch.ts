// Generated from schema/result.fbs by `npm run generate`; edit the schema, not this file.

import * as flatbuffers from 'flatbuffers';

import { ColumnData } from '../../batch/generated/column-data.js';
import { StateOperatorCounters } from './state-operator-counters.js';


export class ResultBatch {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):ResultBatch {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

static getRootAsResultBatch(bb:flatbuffers.ByteBuffer, obj?:ResultBatch):ResultBatch {
  return (obj || new ResultBatch()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

static getSizePrefixedRootAsResultBatch(bb:flatbuffers.ByteBuffer, obj?:ResultBatch):ResultBatch {
  bb.setPosition(bb.position() + flatbuffers.SIZE_PREFIX_LENGTH);
  return (obj || new ResultBatch()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

/**
 * Format version of this table; 1.
 */
version():number {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.readUint16(this.bb_pos + offset) : 0;
}

batchId():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numRows():number {
  const offset = this.bb!.__offset(this.bb_pos, 8);
  return offset ? this.bb!.readUint32(this.bb_pos + offset) : 0;
}

/**
 * Spark's JSON form of the row type ({"type":"struct","fields":[...]}).
 */
schema():string|null
schema(optionalEncoding:flatbuffers.Encoding):string|Uint8Array|null
schema(optionalEncoding?:any):string|Uint8Array|null {
  const offset = this.bb!.__offset(this.bb_pos, 10);
  return offset ? this.bb!.__string(this.bb_pos + offset, optionalEncoding) : null;
}

columns(index: number, obj?:ColumnData):ColumnData|null {
  const offset = this.bb!.__offset(this.bb_pos, 12);
  return offset ? (obj || new ColumnData()).__init(this.bb!.__indirect(this.bb!.__vector(this.bb_pos + offset) + index * 4), this.bb!) : null;
}

columnsLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 12);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

/**
 * The watermark in force in this batch, in milliseconds since 1970 (Spark's unit for watermarks).
 */
watermarkMs():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 14);
  return offset ? this.bb!.readInt64(this.bb_pos + offset) : BigInt('0');
}

/**
 * Rows that the sources gave, and what became of them: removed by filters, taken in, late, bad and diverted. The first is the sum of the others.
 */
numInputRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 16);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numFilteredRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 18);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

stateOperators(index: number, obj?:StateOperatorCounters):StateOperatorCounters|null {
  const offset = this.bb!.__offset(this.bb_pos, 20);
  return offset ? (obj || new StateOperatorCounters()).__init(this.bb!.__indirect(this.bb!.__vector(this.bb_pos + offset) + index * 4), this.bb!) : null;
}

stateOperatorsLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 20);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

numProcessedRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 22);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numLateRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 24);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

numBadRows():bigint {
  const offset = this.bb!.__offset(this.bb_pos, 26);
  return offset ? this.bb!.readUint64(this.bb_pos + offset) : BigInt('0');
}

static startResultBatch(builder:flatbuffers.Builder) {
  builder.startObject(12);
}

static addVersion(builder:flatbuffers.Builder, version:number) {
  builder.addFieldInt16(0, version, 0);
}

static addBatchId(builder:flatbuffers.Builder, batchId:bigint) {
  builder.addFieldInt64(1, batchId, BigInt('0'));
}

static addNumRows(builder:flatbuffers.Builder, numRows:number) {
  builder.addFieldInt32(2, numRows, 0);
}

static addSchema(builder:flatbuffers.Builder, schemaOffset:flatbuffers.Offset) {
  builder.addFieldOffset(3, schemaOffset, 0);
}

static addColumns(builder:flatbuffers.Builder, columnsOffset:flatbuffers.Offset) {
  builder.addFieldOffset(4, columnsOffset, 0);
}

static createColumnsVector(builder:flatbuffers.Builder, data:flatbuffers.Offset[]):flatbuffers.Offset {
  builder.startVector(4, data.length, 4);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addOffset(data[i]!);
  }
  return builder.endVector();
}

static startColumnsVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(4, numElems, 4);
}

static addWatermarkMs(builder:flatbuffers.Builder, watermarkMs:bigint) {
  builder.addFieldInt64(5, watermarkMs, BigInt('0'));
}

static addNumInputRows(builder:flatbuffers.Builder, numInputRows:bigint) {
  builder.addFieldInt64(6, numInputRows, BigInt('0'));
}

static addNumFilteredRows(builder:flatbuffers.Builder, numFilteredRows:bigint) {
  builder.addFieldInt64(7, numFilteredRows, BigInt('0'));
}

static addStateOperators(builder:flatbuffers.Builder, stateOperatorsOffset:flatbuffers.Offset) {
  builder.addFieldOffset(8, stateOperatorsOffset, 0);
}

static createStateOperatorsVector(builder:flatbuffers.Builder, data:flatbuffers.Offset[]):flatbuffers.Offset {
  builder.startVector(4, data.length, 4);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addOffset(data[i]!);
  }
  return builder.endVector();
}

static startStateOperatorsVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(4, numElems, 4);
}

static addNumProcessedRows(builder:flatbuffers.Builder, numProcessedRows:bigint) {
  builder.addFieldInt64(9, numProcessedRows, BigInt('0'));
}

static addNumLateRows(builder:flatbuffers.Builder, numLateRows:bigint) {
  builder.addFieldInt64(10, numLateRows, BigInt('0'));
}

static addNumBadRows(builder:flatbuffers.Builder, numBadRows:bigint) {
  builder.addFieldInt64(11, numBadRows, BigInt('0'));
}

static endResultBatch(builder:flatbuffers.Builder):flatbuffers.Offset {
  const offset = builder.endObject();
  return offset;
}

static finishResultBatchBuffer(builder:flatbuffers.Builder, offset:flatbuffers.Offset) {
  builder.finish(offset);
}

static finishSizePrefixedResultBatchBuffer(builder:flatbuffers.Builder, offset:flatbuffers.Offset) {
  builder.finish(offset, undefined, true);
}

static createResultBatch(builder:flatbuffers.Builder, version:number, batchId:bigint, numRows:number, schemaOffset:flatbuffers.Offset, columnsOffset:flatbuffers.Offset, watermarkMs:bigint, numInputRows:bigint, numFilteredRows:bigint, stateOperatorsOffset:flatbuffers.Offset, numProcessedRows:bigint, numLateRows:bigint, numBadRows:bigint):flatbuffers.Offset {
  ResultBatch.startResultBatch(builder);
  ResultBatch.addVersion(builder, version);
  ResultBatch.addBatchId(builder, batchId);
  ResultBatch.addNumRows(builder, numRows);
  ResultBatch.addSchema(builder, schemaOffset);
  ResultBatch.addColumns(builder, columnsOffset);
  ResultBatch.addWatermarkMs(builder, watermarkMs);
  ResultBatch.addNumInputRows(builder, numInputRows);
  ResultBatch.addNumFilteredRows(builder, numFilteredRows);
  ResultBatch.addStateOperators(builder, stateOperatorsOffset);
  ResultBatch.addNumProcessedRows(builder, numProcessedRows);
  ResultBatch.addNumLateRows(builder, numLateRows);
  ResultBatch.addNumBadRows(builder, numBadRows);
  return ResultBatch.endResultBatch(builder);
}
}
