// Generated from schema/batch.fbs by `npm run generate`; edit the schema, not this file.

import * as flatbuffers from 'flatbuffers';



/**
 * One column in Arrow's memory layout. Which fields are there follows from the column's type:
 * fixed width: values; string and binary: offsets (int32, rows + 1) and values; boolean: values as a bitmap;
 * array and map: offsets and one child (a map's child is a struct of key and value); struct: one child a field.
 */
export class ColumnData {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):ColumnData {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

static getRootAsColumnData(bb:flatbuffers.ByteBuffer, obj?:ColumnData):ColumnData {
  return (obj || new ColumnData()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

static getSizePrefixedRootAsColumnData(bb:flatbuffers.ByteBuffer, obj?:ColumnData):ColumnData {
  bb.setPosition(bb.position() + flatbuffers.SIZE_PREFIX_LENGTH);
  return (obj || new ColumnData()).__init(bb.readInt32(bb.position()) + bb.position(), bb);
}

/**
 * One bit a row, least significant bit first, 1 = present. Absent: no nulls.
 */
validity(index: number):number|null {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.readUint8(this.bb!.__vector(this.bb_pos + offset) + index) : 0;
}

validityLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

validityArray():Uint8Array|null {
  const offset = this.bb!.__offset(this.bb_pos, 4);
  return offset ? new Uint8Array(this.bb!.bytes().buffer, this.bb!.bytes().byteOffset + this.bb!.__vector(this.bb_pos + offset), this.bb!.__vector_len(this.bb_pos + offset)) : null;
}

offsets(index: number):number|null {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? this.bb!.readUint8(this.bb!.__vector(this.bb_pos + offset) + index) : 0;
}

offsetsLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

offsetsArray():Uint8Array|null {
  const offset = this.bb!.__offset(this.bb_pos, 6);
  return offset ? new Uint8Array(this.bb!.bytes().buffer, this.bb!.bytes().byteOffset + this.bb!.__vector(this.bb_pos + offset), this.bb!.__vector_len(this.bb_pos + offset)) : null;
}

values(index: number):number|null {
  const offset = this.bb!.__offset(this.bb_pos, 8);
  return offset ? this.bb!.readUint8(this.bb!.__vector(this.bb_pos + offset) + index) : 0;
}

valuesLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 8);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

valuesArray():Uint8Array|null {
  const offset = this.bb!.__offset(this.bb_pos, 8);
  return offset ? new Uint8Array(this.bb!.bytes().buffer, this.bb!.bytes().byteOffset + this.bb!.__vector(this.bb_pos + offset), this.bb!.__vector_len(this.bb_pos + offset)) : null;
}

children(index: number, obj?:ColumnData):ColumnData|null {
  const offset = this.bb!.__offset(this.bb_pos, 10);
  return offset ? (obj || new ColumnData()).__init(this.bb!.__indirect(this.bb!.__vector(this.bb_pos + offset) + index * 4), this.bb!) : null;
}

childrenLength():number {
  const offset = this.bb!.__offset(this.bb_pos, 10);
  return offset ? this.bb!.__vector_len(this.bb_pos + offset) : 0;
}

nullCount():number {
  const offset = this.bb!.__offset(this.bb_pos, 12);
  return offset ? this.bb!.readUint32(this.bb_pos + offset) : 0;
}

static startColumnData(builder:flatbuffers.Builder) {
  builder.startObject(5);
}

static addValidity(builder:flatbuffers.Builder, validityOffset:flatbuffers.Offset) {
  builder.addFieldOffset(0, validityOffset, 0);
}

static createValidityVector(builder:flatbuffers.Builder, data:number[]|Uint8Array):flatbuffers.Offset {
  builder.startVector(1, data.length, 1);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addInt8(data[i]!);
  }
  return builder.endVector();
}

static startValidityVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(1, numElems, 1);
}

static addOffsets(builder:flatbuffers.Builder, offsetsOffset:flatbuffers.Offset) {
  builder.addFieldOffset(1, offsetsOffset, 0);
}

static createOffsetsVector(builder:flatbuffers.Builder, data:number[]|Uint8Array):flatbuffers.Offset {
  builder.startVector(1, data.length, 1);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addInt8(data[i]!);
  }
  return builder.endVector();
}

static startOffsetsVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(1, numElems, 1);
}

static addValues(builder:flatbuffers.Builder, valuesOffset:flatbuffers.Offset) {
  builder.addFieldOffset(2, valuesOffset, 0);
}

static createValuesVector(builder:flatbuffers.Builder, data:number[]|Uint8Array):flatbuffers.Offset {
  builder.startVector(1, data.length, 1);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addInt8(data[i]!);
  }
  return builder.endVector();
}

static startValuesVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(1, numElems, 1);
}

static addChildren(builder:flatbuffers.Builder, childrenOffset:flatbuffers.Offset) {
  builder.addFieldOffset(3, childrenOffset, 0);
}

static createChildrenVector(builder:flatbuffers.Builder, data:flatbuffers.Offset[]):flatbuffers.Offset {
  builder.startVector(4, data.length, 4);
  for (let i = data.length - 1; i >= 0; i--) {
    builder.addOffset(data[i]!);
  }
  return builder.endVector();
}

static startChildrenVector(builder:flatbuffers.Builder, numElems:number) {
  builder.startVector(4, numElems, 4);
}

static addNullCount(builder:flatbuffers.Builder, nullCount:number) {
  builder.addFieldInt32(4, nullCount, 0);
}

static endColumnData(builder:flatbuffers.Builder):flatbuffers.Offset {
  const offset = builder.endObject();
  return offset;
}

static createColumnData(builder:flatbuffers.Builder, validityOffset:flatbuffers.Offset, offsetsOffset:flatbuffers.Offset, valuesOffset:flatbuffers.Offset, childrenOffset:flatbuffers.Offset, nullCount:number):flatbuffers.Offset {
  ColumnData.startColumnData(builder);
  ColumnData.addValidity(builder, validityOffset);
  ColumnData.addOffsets(builder, offsetsOffset);
  ColumnData.addValues(builder, valuesOffset);
  ColumnData.addChildren(builder, childrenOffset);
  ColumnData.addNullCount(builder, nullCount);
  return ColumnData.endColumnData(builder);
}
}
