import { mkdirSync } from 'node:fs';

const OTHERS = 0o077;

/** The part of Emscripten's file system, between PostgreSQL and the folder, that is used here. */
interface NodeFiles {
  node_ops: {
    mknod(parent: unknown, name: string, mode: number, device: unknown): unknown;
    setattr(node: unknown, attributes: { mode?: number }): void;
  };
  stream_ops: { setattr(stream: unknown, attributes: { mode?: number }): void };
}

/**
 * The files of an embedded database, which only their owner may read. Emscripten asks for mode 0666 and sets it regardless of the process's
 * umask, so the rights of others are removed from its requests.
 */
export async function privateFiles(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { NodeFS } = await import('@electric-sql/pglite/nodefs');
  const files = new NodeFS(folder);
  const init = files.init.bind(files);
  files.init = async (database, options) => {
    const { emscriptenOpts } = await init(database, options);
    const preRun = [(module: unknown) => closeToOthers((module as { NODEFS: NodeFiles }).NODEFS)];
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...preRun, ...listOf(emscriptenOpts.preRun)] } };
  };
  return files;
}

function closeToOthers({ node_ops, stream_ops }: NodeFiles): void {
  const { mknod, setattr } = node_ops;
  node_ops.mknod = (parent, name, mode, device) => mknod(parent, name, mode & ~OTHERS, device);
  node_ops.setattr = (node, attributes) => setattr(node, closed(attributes));
  const setOpen = stream_ops.setattr;
  stream_ops.setattr = (stream, attributes) => setOpen(stream, closed(attributes));
}

function closed<Attributes extends { mode?: number }>(attributes: Attributes): Attributes {
  return attributes.mode === undefined ? attributes : { ...attributes, mode: attributes.mode & ~OTHERS };
}

function listOf<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
