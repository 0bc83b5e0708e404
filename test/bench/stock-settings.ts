import pg from 'pg';

// Settings of a Node-RED as many have it: stock nodes, and a pool of pg handed to functions, as Node-RED's documentation says.
export = {
  uiPort: Number(process.env.PORT),
  uiHost: '127.0.0.1',
  userDir: process.env.TPE_DATA_DIR,
  flowFile: 'flows.json',
  httpAdminRoot: false,
  functionGlobalContext: { pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }) },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
