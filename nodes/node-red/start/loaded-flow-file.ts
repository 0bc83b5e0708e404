import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { LoadedSettings } from '../server/settings.js';

/** The file that Node-RED is going to load its flows from, found as it does; null where a project of Node-RED's says that, or a host name. */
export function loadedFlowFile({ userDir, flowFile, editorTheme }: LoadedSettings): string | null {
  if (editorTheme?.projects?.enabled === true || !userDir || !flowFile) return null;
  if (isAbsolute(flowFile)) return flowFile;
  const beside = join(process.cwd(), flowFile);
  return flowFile.startsWith('./') || existsSync(beside) ? beside : join(userDir, flowFile);
}
