// The settings of `npm run dev`: those of `npm start`, and the scripts of editor and dashboard also wait for a word of dev.mjs to
// load their page anew. They are changed on their way, so that what is built stays what is published.
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

// The editor is at the root, so what the dashboard asks for comes by here, too.
module.exports = { ...settings, httpAdminMiddleware: [withReload, ...settings.httpAdminMiddleware] };
