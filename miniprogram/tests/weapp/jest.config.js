'use strict'

module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/*.test.js'],
  testTimeout: 60000,
  transform: {},
}
