'use strict'
require('./everyone').mountsFor('stranger')
