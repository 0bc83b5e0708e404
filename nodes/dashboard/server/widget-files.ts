import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';
import type { RequestHandler } from 'express';
import type { NodeAPI } from 'node-red';
import { relativeReference } from '../../node-red/http/relative-location.js';
import { serverSettings } from '../../node-red/server/settings.js';

// Dashboard 2 loads the scripts of widgets from the editor's root. That fails if the editor is turned off, or if a proxy serves the
// dashboard below a path of its own. This plugin makes the pages load the scripts from below the dashboard instead.

const OWN_PACKAGE = '@tpedm/node-red-dashboard-2-tpedm';
const OWN_FOLDER = join(__dirname, '../../../..');
/** `/dashboard/resources/@tpedm/node-red-dashboard-2-tpedm/tpedm-widgets.umd.js` */
const PATH = /^(.*)\/resources\/((?:@[^/]+\/)?[^@/][^/]*)\/([^?]+)$/;

/** The part of Dashboard 2's plugin API that is used here. Plugins can change the settings that its pages receive. */
interface DashboardPlugin {
  type: 'node-red-dashboard-2';
  hooks: { onSetup(dashboard: { path?: string }): object };
}

interface Settings {
  userDir?: string;
  httpNodeRoot?: string | false;
  httpAdminRoot?: string | false;
}

export = (RED: NodeAPI & { plugins: { registerPlugin(id: string, plugin: DashboardPlugin): void } }) => {
  const dashboards = new Set<string>();
  const { userDir = process.cwd(), httpNodeRoot, httpAdminRoot } = RED.settings as unknown as Settings;

  RED.plugins.registerPlugin('tpedm-widget-files', {
    type: 'node-red-dashboard-2',
    hooks: {
      onSetup({ path = '/dashboard' }) {
        dashboards.add(path.replace(/\/+$/, ''));
        // The page's script is in assets/ below the dashboard and resolves this path from there.
        return { RED: { httpAdminRoot: '..', httpNodeRoot } };
      },
    },
  });

  const serve: RequestHandler = (request, response, next) => {
    const [, base = '', name = '', file = ''] = PATH.exec(request.path) ?? [];
    if (name === '' || (name !== OWN_PACKAGE && !dashboards.has(base))) return next();
    // Pages of other hosts have no use for these files. The editor's files have the same protection.
    if (serverSettings(RED).front?.isOwnPage(request) === false) return void response.sendStatus(403);
    const found = fileOf(name, decoded(file), userDir);
    // The path of Node-RED's folder may contain a folder that begins with a dot. All files below `resources` are public.
    if (found !== null) return response.sendFile(found.file, { root: found.root, dotfiles: 'allow' });
    // The package is installed elsewhere, so the editor serves its files.
    if (httpAdminRoot === false || name === OWN_PACKAGE) return void response.sendStatus(404);
    const target = `${String(httpAdminRoot ?? '/').replace(/\/+$/, '')}/resources/${name}/${file}`;
    return response.redirect(302, relativeReference(request.originalUrl, target));
  };
  // There is no such application if Node-RED serves no HTTP routes.
  RED.httpNode?.get(PATH, serve);
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

/** Finds a file in the folder `resources` of a package with widgets; null if there is none. */
function fileOf(name: string, file: string, userDir: string): { root: string; file: string } | null {
  const folder = name === OWN_PACKAGE ? OWN_FOLDER : folderOf(name, userDir);
  if (folder === null || file === '' || file.includes('\0')) return null;
  const root = join(folder, 'resources');
  const path = resolve(root, file);
  if (!path.startsWith(root + sep) || !existsSync(path)) return null;
  const real = realpathSync(path);
  if (!real.startsWith(realpathSync(root) + sep) || !statSync(real).isFile()) return null;
  return { root, file: relative(root, path) };
}

/** The folder of a package; null if the package has no widgets, because pages of the dashboard need nothing from other packages. */
function folderOf(name: string, userDir: string): string | null {
  try {
    const manifest = createRequire(join(userDir, 'package.json')).resolve(`${name}/package.json`);
    const { 'node-red-dashboard-2': widgets } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<
      string,
      unknown
    >;
    return widgets === undefined ? null : join(manifest, '..');
  } catch {
    return null;
  }
}
