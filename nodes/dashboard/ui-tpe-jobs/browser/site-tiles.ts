import { PARTS, type Part } from '../../../manager/jobs/execution-parts.js';
import type { SiteShare } from '../../../manager/jobs/job.js';
import { partsOf } from './counts.js';

/** The squares of one site, in px of the drawing. */
export interface Tile {
  site: string;
  parts: Record<Part, number>;
  total: number;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Squares in a row. */
  columns: number;
}

/** All tiles, and how large a square is with the gap beside it, px. */
export interface Tiling {
  tiles: Tile[];
  pitch: number;
  labelHeight: number;
  height: number;
}

/** Between sites with a name, and the least between others. */
const GAP = 8;
const LEAST_GAP = 2;
const LABEL = 16;
/** Sites with a name above them; more would be names alone. */
const MOST_NAMED = 120;
const LARGEST = 14;
const SMALLEST = 2;
/** The drawing is made no higher than this while squares can be made smaller, px. */
const WANTED_HEIGHT = 520;
const NARROWEST = 64;

/** Lays the sites out in rows, one square for each gateway, with the largest squares that leave the drawing low enough. */
export function tilesOf(sites: readonly SiteShare[], width: number): Tiling {
  const shares = sites
    .map(({ site, counts }) => ({ site, parts: partsOf(counts) }))
    .map((one) => ({ ...one, total: PARTS.reduce((sum, part) => sum + one.parts[part], 0) }))
    .filter(({ total }) => total > 0);
  let pitch = LARGEST;
  let tiling = laidOut(shares, width, pitch);
  while (tiling.height > WANTED_HEIGHT && pitch > SMALLEST) {
    pitch -= pitch > 6 ? 2 : 1;
    tiling = laidOut(shares, width, pitch);
  }
  return tiling;
}

function laidOut(
  shares: readonly Pick<Tile, 'site' | 'parts' | 'total'>[],
  width: number,
  pitch: number,
): Tiling {
  const labelHeight = shares.length <= MOST_NAMED ? LABEL : 0;
  const gap = labelHeight > 0 ? GAP : Math.max(LEAST_GAP, Math.floor(pitch / 2));
  const most = Math.max(1, Math.floor(width / pitch));
  const tiles: Tile[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const share of shares) {
    // About twice as wide as high, so that names have room.
    const columns = Math.min(most, Math.max(1, Math.ceil(Math.sqrt(share.total * 2))));
    const own = columns * pitch;
    const tileWidth = Math.min(width, labelHeight > 0 ? Math.max(own, NARROWEST) : own);
    const height = labelHeight + Math.ceil(share.total / columns) * pitch;
    if (x > 0 && x + tileWidth > width) {
      y += rowHeight + gap;
      [x, rowHeight] = [0, 0];
    }
    tiles.push({ ...share, x, y, width: tileWidth, height, columns });
    x += tileWidth + gap;
    rowHeight = Math.max(rowHeight, height);
  }
  return { tiles, pitch, labelHeight, height: y + rowHeight };
}

/** The parts of a tile in rectangles, each a run of squares within one row: what is drawn, in the order of PARTS. */
export function* runsOf(
  { parts, columns, x, y }: Tile,
  { pitch, labelHeight }: Tiling,
): Generator<{ part: Part; x: number; y: number; squares: number }> {
  let place = 0;
  for (const part of PARTS) {
    let left = parts[part];
    while (left > 0) {
      const column = place % columns;
      const squares = Math.min(left, columns - column);
      yield {
        part,
        x: x + column * pitch,
        y: y + labelHeight + Math.floor(place / columns) * pitch,
        squares,
      };
      place += squares;
      left -= squares;
    }
  }
}

/** The tile at a place of the drawing. */
export function tileAt({ tiles }: Tiling, x: number, y: number): Tile | undefined {
  return tiles.find(
    (tile) => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
  );
}
