// Exits with 0 if Node-RED answers with any status below 500, because an instance without editor serves nothing at /.
const url = `http://127.0.0.1:${process.env.PORT || 1880}/`;
const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(4000) }).catch(() => null);
process.exit(answer !== null && answer.status < 500 ? 0 : 1);
