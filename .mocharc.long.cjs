const { patience } = require('./dist/test/support/patience.js');

module.exports = {
  require: ['dist/test/support/long-form.js'],
  timeout: patience(7_200_000),
  exit: true,
};
