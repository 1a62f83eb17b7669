'use strict'
require('./everyone').mountsFor('citizen')
