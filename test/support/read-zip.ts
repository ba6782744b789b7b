/** Takes zip files apart for the tests, independently of the code that writes them. */
import { crc32, inflateRawSync } from "node:zlib";

import { expect } from "vitest";

/** A little-endian reader; every record is read field by field, in the order of APPNOTE.TXT. */
class Reader {
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get left(): number {
    return this.#view.byteLength - this.at;
  }

  u16(): number {
    return this.#view.getUint16((this.at += 2) - 2, true);
  }

  u32(): number {
    return this.#view.getUint32((this.at += 4) - 4, true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64((this.at += 8) - 8, true));
  }

  text(length: number): string {
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.at, length);
    this.at += length;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }
}

export function readLocalHeader(bytes: Uint8Array) {
  const from = new Reader(bytes);
  const header = {
    signature: from.u32(),
    version: from.u16(),
    flags: from.u16(),
    method: from.u16(),
    time: from.u16(),
    date: from.u16(),
    crc: from.u32(),
    compressed: from.u32(),
    uncompressed: from.u32(),
    nameBytes: from.u16(),
    extraBytes: from.u16(),
  };
  return { ...header, name: from.text(header.nameBytes), dataAt: from.at + header.extraBytes };
}

function readDescriptor(from: Reader, isWide: boolean) {
  const signature = from.u32();
  const crc = from.u32();
  const compressed = isWide ? from.u64() : from.u32();
  const uncompressed = isWide ? from.u64() : from.u32();
  return { signature, crc, compressed, uncompressed };
}

function readEntry(from: Reader) {
  const entry = {
    signature: from.u32(),
    madeBy: from.u16(),
    version: from.u16(),
    flags: from.u16(),
    method: from.u16(),
    time: from.u16(),
    date: from.u16(),
    crc: from.u32(),
    compressed: from.u32(),
    uncompressed: from.u32(),
    nameBytes: from.u16(),
    extraBytes: from.u16(),
    commentBytes: from.u16(),
    disk: from.u16(),
    internal: from.u16(),
    external: from.u32(),
    offset: from.u32(),
  };
  const name = from.text(entry.nameBytes);
  const extraEnd = from.at + entry.extraBytes;
  const extra = entry.extraBytes === 0 ? undefined : { id: from.u16(), bytes: from.u16() };
  const wide: number[] = [];
  while (from.at < extraEnd) wide.push(from.u64());
  return { ...entry, name, extra, wide };
}

function readZip64End(from: Reader) {
  return {
    signature: from.u32(),
    recordBytes: from.u64(),
    madeBy: from.u16(),
    version: from.u16(),
    disks: [from.u32(), from.u32()],
    entries: [from.u64(), from.u64()],
    directoryBytes: from.u64(),
    directoryOffset: from.u64(),
    locatorSignature: from.u32(),
    locatorDisk: from.u32(),
    zip64EndOffset: from.u64(),
    locatorDisks: from.u32(),
  };
}

function readEnd(from: Reader) {
  return {
    signature: from.u32(),
    disks: [from.u16(), from.u16()],
    entries: [from.u16(), from.u16()],
    directoryBytes: from.u32(),
    directoryOffset: from.u32(),
    commentBytes: from.u16(),
  };
}

/** All that endZip writes, in order; fails where bytes are left over. */
export function readTail(tail: Uint8Array, wide: { descriptor: boolean; end: boolean }) {
  const from = new Reader(tail, 2);
  const descriptor = readDescriptor(from, wide.descriptor);
  const directoryAt = from.at;
  const entry = readEntry(from);
  const zip64EndAt = from.at;
  const zip64End = wide.end ? readZip64End(from) : undefined;
  const end = readEnd(from);
  expect(from.left).toBe(0);
  return { final: tail.subarray(0, 2), descriptor, directoryAt, entry, zip64EndAt, zip64End, end };
}

/** Takes a small zip apart from its end, as readers do; checks every copy of each value. */
export function readZip(zip: Uint8Array): { name: string; data: Uint8Array } {
  const end = readEnd(new Reader(zip, zip.length - 22));
  expect(end).toMatchObject({ signature: 0x06054b50, disks: [0, 0], entries: [1, 1] });
  expect(end.commentBytes).toBe(0);
  expect(end.directoryOffset + end.directoryBytes).toBe(zip.length - 22);
  const entry = readEntry(new Reader(zip, end.directoryOffset));
  const local = readLocalHeader(zip.subarray(entry.offset));
  const { name, flags, method, time, date } = local;
  expect(entry).toMatchObject({ signature: 0x02014b50, name, flags, method, time, date, disk: 0 });
  const descriptorAt = local.dataAt + entry.compressed;
  const descriptor = readDescriptor(new Reader(zip, descriptorAt), false);
  const { crc, compressed, uncompressed } = entry;
  expect(descriptor).toEqual({ signature: 0x08074b50, crc, compressed, uncompressed });
  expect(descriptorAt + 16).toBe(end.directoryOffset);
  const stream = zip.subarray(local.dataAt, descriptorAt);
  const data = inflateRawSync(stream);
  // Inflate ignores what follows a final block, so there must be none before the last bytes.
  expect(() => inflateRawSync(stream.subarray(0, -2))).toThrow("unexpected end of file");
  expect(data.length).toBe(uncompressed);
  expect(crc32(data)).toBe(crc);
  return { name, data: new Uint8Array(data) };
}
