// Generated from schema/batch.fbs by `npm run generate`; edit the schema, not this file.

import * as flatbuffers from 'flatbuffers';

import { InputBatch } from './input-batch.js';


/**
 * Several tables in one buffer: the groups that the program's functions work on, and what they make of them.
 */
export class TableSet {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):TableSet {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

static getRootAsTableSet(bb:flatbuffers.ByteBuffer, obj?:TableSet):TableSet {
  return (obj || new TableSet()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

static getSizePrefixedRootAsTableSet(bb:flatbuffers.ByteBuffer, obj?:TableSet):TableSet {
  bb.setPosition(bb.position() + flatbuffers.SIZE_PREFIX_LENGTH);
  return (obj || new TableSet()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

tables(index: number, obj?:InputBatch):InputBatch|null {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? (obj || new InputBatch()).__init(this.bb!.__indirect(this.bb!.__vector(this.bb_pos + offset) + index * 4), this.bb!) : null;
}

tablesLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

static startTableSet(builder:flatbuffers.Builder) {
  builder.startObject(1);
}

static addTables(builder:flatbuffers.Builder, tablesOffset:flatbuffers.Offset) {
  builder.addFieldOffset(0, tablesOffset, 0);
}

static createTablesVector(builder:flatbuffers.Builder, data:flatbuffers.Offset[]):flatbuffers.Offset {
  builder.startVector(4, data.length, 4);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addOffset(data[i]!);
  }
  return builder.endVector();
}

static startTablesVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(4, numElems, 4);
}

static endTableSet(builder:flatbuffers.Builder):flatbuffers.Offset {
  const offset = builder.endObject();
  return offset;
}

static createTableSet(builder:flatbuffers.Builder, tablesOffset:flatbuffers.Offset):flatbuffers.Offset {
  TableSet.startTableSet(builder);
  TableSet.addTables(builder, tablesOffset);
  return TableSet.endTableSet(builder);
}
}
