'use strict'
require('./everyone').mountsFor('courier')
