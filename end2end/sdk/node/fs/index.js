// Never loaded: require('fs') is Node's own.
