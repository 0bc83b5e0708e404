import { spawnSync } from 'node:child_process';

/** Whether a program is installed; tests that need one that is not are skipped, and say so. */
export function hasProgram(name: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', name]).status === 0;
}
