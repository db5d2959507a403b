/** A picture and a text, with the case that they belong to. */
import { crc32, deflateSync } from 'node:zlib';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Players } from './festival.ts';
import { refFrom } from './player.ts';
import { toRoom } from './rooms.ts';

export const passesCase = 'NPS-2214/26';

export async function shareEvidence({ norvane }: Players, room: string): Promise<StatementRef> {
  const files = [
    {
      blob: new Blob([picture(96, 60)]),
      name: 'false-pass.png',
      caption: 'A false pass: the edge is blue, and there is no chip.',
    },
    { blob: new Blob([howToTell]), name: 'how-to-tell.md' },
  ];
  return refFrom(await norvane.session.shareFiles(room, files, toRoom, { cases: [passesCase] }));
}

const howToTell = `# Crew passes

- Real: green edge, chip at the left, number begins with PA.
- False: blue edge, no chip.

Take nothing from anybody. Call the control room.
`;

/** A pass with a blue edge, as a PNG. RFC 2083: rows of pixels, each after a byte that names its filter. */
function picture(width: number, height: number): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: height }, (_, y) => {
    const pixels = Array.from({ length: width }, (_, x) => colourAt(x, y, width, height));
    return Buffer.from([0, ...pixels.flat()]);
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new Uint8Array(
    Buffer.concat([
      signature,
      chunk('IHDR', head),
      chunk('IDAT', deflateSync(Buffer.concat(rows))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

function colourAt(x: number, y: number, width: number, height: number): number[] {
  const edge = Math.min(x, y, width - 1 - x, height - 1 - y) < 6;
  const face = x >= 12 && x < 34 && y >= 14 && y < 46;
  return edge ? [30, 80, 190] : face ? [150, 150, 150] : [240, 240, 235];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
