import { Buffer } from 'node:buffer';

const BLOCK = 512;

/**
 * A ustar archive of one small read-only file, as `docker import` takes it.
 * @param path under 100 bytes, without a leading slash
 */
export function tarOfOneFile(path: string, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  const put = (text: string, at: number) => header.write(text, at, 'ascii');
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  put(path, 0);
  put(octal(0o444, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(body.length, 12), 124);
  put(octal(0, 12), 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padded = Buffer.alloc(Math.ceil(body.length / BLOCK) * BLOCK);
  body.copy(padded);
  return Buffer.concat([header, padded, Buffer.alloc(2 * BLOCK)]);
}
