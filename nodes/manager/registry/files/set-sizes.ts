import { quote } from '../../shared/text.js';
import type { ImportFault } from '../device.js';
import { gatewayFileReason } from './gateway-file-reasons.js';
import { told } from './import-rows.js';

/**
 * Counts the redundancy sets of a file as its rows are read. A column of that name may say something else, such as yes and no, and the size
 * of the largest set shows it.
 */
export function createSetSizes() {
  const sizes = new Map<string, number>();
  let largest = { name: '', most: 0 };
  let members = 0;
  let first = 0;
  return {
    add(line: number, name: string): void {
      if (name === '') return;
      if (members === 0) first = line;
      members += 1;
      const size = (sizes.get(name) ?? 0) + 1;
      sizes.set(name, size);
      if (size > largest.most) largest = { name, most: size };
    },
    /** The note about them, of the line of the first member; null if there is none. */
    note(): ImportFault | null {
      if (members === 0) return null;
      const { name, most } = largest;
      return told(
        first,
        null,
        gatewayFileReason('gateways-in-sets', { n: members, name: quote(name), most }),
      );
    },
  };
}
