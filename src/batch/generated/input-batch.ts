// Generated from schema/batch.fbs by `npm run generate`; edit the schema, not this file.

import * as flatbuffers from 'flatbuffers';

import { ColumnData } from './column-data.js';


export class InputBatch {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):InputBatch {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

static getRootAsInputBatch(bb:flatbuffers.ByteBuffer, obj?:InputBatch):InputBatch {
  return (obj || new InputBatch()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

static getSizePrefixedRootAsInputBatch(bb:flatbuffers.ByteBuffer, obj?:InputBatch):InputBatch {
  bb.setPosition(bb.position() + flatbuffers.SIZE_PREFIX_LENGTH);
  return (obj || new InputBatch()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

numRows():number {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.readUint32(this.bb_pos + offset) : 0;
}

columns(index: number, obj?:ColumnData):ColumnData|null {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? (obj || new ColumnData()).__init(this.bb!.__indirect(this.bb!.__vector(this.bb_pos + offset) + index * 4), this.bb!) : null;
}

columnsLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

static startInputBatch(builder:flatbuffers.Builder) {
  builder.startObject(2);
}

static addNumRows(builder:flatbuffers.Builder, numRows:number) {
  builder.addFieldInt32(0, numRows, 0);
}

static addColumns(builder:flatbuffers.Builder, columnsOffset:flatbuffers.Offset) {
  builder.addFieldOffset(1, columnsOffset, 0);
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

static endInputBatch(builder:flatbuffers.Builder):flatbuffers.Offset {
  const offset = builder.endObject();
  return offset;
}

static finishInputBatchBuffer(builder:flatbuffers.Builder, offset:flatbuffers.Offset) {
  builder.finish(offset);
}

static finishSizePrefixedInputBatchBuffer(builder:flatbuffers.Builder, offset:flatbuffers.Offset) {
  builder.finish(offset, undefined, true);
}

static createInputBatch(builder:flatbuffers.Builder, numRows:number, columnsOffset:flatbuffers.Offset):flatbuffers.Offset {
  InputBatch.startInputBatch(builder);
  InputBatch.addNumRows(builder, numRows);
  InputBatch.addColumns(builder, columnsOffset);
  return InputBatch.endInputBatch(builder);
}
}
