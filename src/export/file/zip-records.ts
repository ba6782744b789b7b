/**
 * The records around the data of a zip file with one member: APPNOTE.TXT 6.3.10 of PKWARE, whose
 * section numbers stand in the comments. All numbers are little-endian.
 *
 * Zip64 fields appear where a size or an offset does not fit 32 bits, and only there.
 */
import { Buffer } from "../../buffer.ts";

/** The member as its records describe it. */
export interface ZipMember {
  /** At most 65,535 bytes of UTF-8. */
  readonly name: string;
  /** MS-DOS date in the upper 16 bits, MS-DOS time in the lower. */
  readonly dosDateTime: number;
  readonly crc32: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
}

/** 16-bit length field of the name (4.4.10). */
const NAME_BYTES_MAX = 0xffff;

/** This value and larger ones do not fit a 32-bit field; the value itself points to zip64. */
const ZIP64_MARK = 0xffff_ffff;

const VERSION_DEFLATE = 20;
const VERSION_ZIP64 = 45;
/** Upper byte of "version made by": Unix, so that the mode below counts (4.4.2). */
const MADE_BY_UNIX = 3 << 8;
/** A regular file, rw-r--r--. */
const UNIX_MODE = 0o100644;
/** Bit 3: sizes and CRC follow the data. Bit 11: the name is UTF-8 (4.4.4). */
const FLAGS = (1 << 3) | (1 << 11);
const METHOD_DEFLATE = 8;

/**
 * 4.3.7. It has neither sizes nor CRC: they are not known yet.
 *
 * @throws RangeError where the name is too long.
 */
export function localHeader(member: ZipMember): Uint8Array {
  const name = encodeName(member.name);
  const header = littleEndian(
    [4, 0x0403_4b50],
    [2, VERSION_DEFLATE],
    [2, FLAGS],
    [2, METHOD_DEFLATE],
    [4, member.dosDateTime],
    [4, 0], // CRC and both sizes: in the data descriptor
    [4, 0],
    [4, 0],
    [2, name.length],
    [2, 0], // no extra field
  );
  return Buffer.concat([header, name]);
}

/** 4.3.9. The sizes have 8 bytes where one of them needs zip64. */
export function dataDescriptor(member: ZipMember): Uint8Array {
  const width = needsZip64(member) ? 8 : 4;
  return littleEndian(
    [4, 0x0807_4b50],
    [4, member.crc32],
    [width, member.compressedBytes],
    [width, member.uncompressedBytes],
  );
}

/** 4.3.12: the one entry, with a zip64 extra field of the sizes that need it (4.5.3). */
export function centralDirectory(member: ZipMember): Uint8Array {
  const name = encodeName(member.name);
  const wide = [member.uncompressedBytes, member.compressedBytes].filter(isWide);
  const extra =
    wide.length === 0
      ? new Uint8Array(0)
      : littleEndian([2, 0x0001], [2, 8 * wide.length], ...wide.map(asWideField));
  const version = needsZip64(member) ? VERSION_ZIP64 : VERSION_DEFLATE;
  const entry = littleEndian(
    [4, 0x0201_4b50],
    [2, MADE_BY_UNIX | version],
    [2, version],
    [2, FLAGS],
    [2, METHOD_DEFLATE],
    [4, member.dosDateTime],
    [4, member.crc32],
    [4, Math.min(member.compressedBytes, ZIP64_MARK)],
    [4, Math.min(member.uncompressedBytes, ZIP64_MARK)],
    [2, name.length],
    [2, extra.length],
    [2, 0], // no comment
    [2, 0], // disk
    [2, 0], // internal attributes
    [4, UNIX_MODE * 0x1_0000],
    [4, 0], // offset of the local header
  );
  return Buffer.concat([entry, name, extra]);
}

/** 4.3.16, and 4.3.14 and 4.3.15 before it where the directory's offset needs zip64. */
export function endRecords(directoryBytes: number, directoryOffset: number): Uint8Array {
  const end = littleEndian(
    [4, 0x0605_4b50],
    [2, 0], // this disk
    [2, 0], // the directory's disk
    [2, 1], // entries here
    [2, 1], // entries in all
    [4, directoryBytes],
    [4, Math.min(directoryOffset, ZIP64_MARK)],
    [2, 0], // no comment
  );
  if (!isWide(directoryOffset)) return end;
  const zip64End = littleEndian(
    [4, 0x0606_4b50],
    [8, 44], // bytes of this record after this field
    [2, MADE_BY_UNIX | VERSION_ZIP64],
    [2, VERSION_ZIP64],
    [4, 0], // this disk
    [4, 0], // the directory's disk
    [8, 1], // entries here
    [8, 1], // entries in all
    [8, directoryBytes],
    [8, directoryOffset],
  );
  const locator = littleEndian(
    [4, 0x0706_4b50],
    [4, 0], // disk of the record above
    [8, directoryOffset + directoryBytes],
    [4, 1], // disks in all
  );
  return Buffer.concat([zip64End, locator, end]);
}

const DOS_FIRST = Date.UTC(1980, 0, 1);
const DOS_LAST = Date.UTC(2107, 11, 31, 23, 59, 58);

/** 4.4.6: years from 1980 in 7 bits, month 4, day 5; hour 5, minute 6, two-seconds 5. */
export function toDosDateTime(modified: Date): number {
  if (Number.isNaN(modified.getTime())) throw new RangeError("no date");
  const at = new Date(Math.min(Math.max(modified.getTime(), DOS_FIRST), DOS_LAST));
  const date =
    ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return date * 0x1_0000 + time;
}

function needsZip64(member: ZipMember): boolean {
  return isWide(member.uncompressedBytes) || isWide(member.compressedBytes);
}

function isWide(value: number): boolean {
  return value >= ZIP64_MARK;
}

/** A field of a record: its width in bytes and its value. */
type Field = readonly [width: 2 | 4 | 8, value: number];

function asWideField(value: number): Field {
  return [8, value];
}

function littleEndian(...fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return bytes;
}

function encodeName(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length > NAME_BYTES_MAX) throw new RangeError(`name of ${bytes.length} bytes`);
  return bytes;
}
