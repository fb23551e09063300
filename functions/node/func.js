'use strict'

const fdk = require('@fnproject/fdk')

let calls = 0

fdk.handle(function (input, context) {
  calls += 1
  context.setResponseHeader('Function-Calls', String(calls))
  const name = (input && input.name) || 'World'
  return { message: `Hello ${name}`, runtime: `node ${process.versions.node}` }
})
