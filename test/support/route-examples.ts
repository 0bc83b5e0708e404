import { expect } from 'chai';

/** A path for each route that is a pattern. */
const EXAMPLES: Record<string, string> = {
  '/^\\/resources\\/((?:@[^\\/]+\\/)?[^\\/]+)\\/(.+)$/': '/resources/@tpedm/node-red-dashboard-2-tpedm/x.js',
  '/^(.*)\\/resources\\/((?:@[^/]+\\/)?[^@/][^/]*)\\/([^?]+)$/':
    '/dashboard/resources/@tpedm/node-red-dashboard-2-tpedm/x.js',
  '/^\\/locales\\/(.+)\\/?$/': '/locales/editor',
  '/^\\/library\\/([^\\/]+)\\/([^\\/]+)(?:$|\\/(.*))/': '/library/local/flows',
  '/^\\/library\\/([^\\/]+)\\/([^\\/]+)\\/(.*)/': '/library/local/flows/x',
  '/^\\/nodes\\/messages/': '/nodes/messages',
  '/^\\/nodes\\/((@[^\\/]+\\/)?[^\\/]+\\/[^\\/]+)\\/messages/': '/nodes/node-red/inject/messages',
  '/^\\/nodes\\/((@[^\\/]+\\/)?[^\\/]+)$/': '/nodes/node-red',
  '/^\\/nodes\\/((@[^\\/]+\\/)?[^\\/]+)\\/([^\\/]+)$/': '/nodes/node-red/inject',
  '/^\\/plugins\\/((@[^\\/]+\\/)?[^\\/]+)$/': '/plugins/x',
  '/^\\/plugins\\/((@[^\\/]+\\/)?[^\\/]+)\\/([^\\/]+)$/': '/plugins/x/y',
};

/** A path that a route of Express is for. */
export function examplePath(path: string): string {
  if (path.startsWith('/^')) {
    expect(EXAMPLES, 'an example of each pattern').to.have.property(path);
    return EXAMPLES[path]!;
  }
  return path
    .replaceAll(/:\w+\((\w+)[^)]*\)/g, '$1')
    .replaceAll(/:\w+/g, 'x')
    .replaceAll('/?*', '/x')
    .replaceAll('*', 'x');
}
