// The settings of `npm run dev`: those of `npm start`, with scripts of editor and dashboard that also wait for dev.mjs to tell them to
// reload. The scripts are changed while they are sent, so that the built files stay as they are published.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const settings = require('../settings.js');

const SCRIPT = /\/(tpedm-(?:widgets\.umd|editor)\.js)$/;
const RELOAD = `
;new EventSource('http://' + location.hostname + ':${process.env.TPE_RELOAD_PORT}').onmessage = () => location.reload();`;

/** @type {import('express').RequestHandler} */
function withReload(request, response, next) {
  const [, script] = SCRIPT.exec(request.path) ?? [];
  if (script === undefined) return next();
  response.type('js').set('Cache-Control', 'no-store');
  response.send(readFileSync(join(__dirname, '../resources', script), 'utf8') + RELOAD);
}

// The editor is at the root, so its middleware also receives the requests of the dashboard.
module.exports = { ...settings, httpAdminMiddleware: [withReload, ...settings.httpAdminMiddleware] };
