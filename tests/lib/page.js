// SPDX-License-Identifier: GPL-2.0
// What the script of pinleak's page needs of a browser, and no more: a tree of "page", clicks.
// For an interpreter of ECMAScript 5.

if (!Array.from)
	Array.from = function (list) { return Array.prototype.slice.call(list); };

function Node(from) {
	var node = this;

	this.tag = from.tag;
	this.attributes = from.attributes;
	this.style = {};
	this.onclick = [];
	this.parts = from.parts.map(function (part) {
		return typeof part === 'string' ? part : new Node(part);
	});
	this.elements(function (e) { e.parent = node; });
}

Node.prototype = {
	// Calls it for each element right below.
	elements: function (call) {
		this.parts.forEach(function (part) {
			if (typeof part !== 'string')
				call(part);
		});
	},
	// All below it that are wanted, in their order.
	all: function (wanted) {
		var found = [];

		this.elements(function (e) {
			if (wanted(e))
				found.push(e);
			found = found.concat(e.all(wanted));
		});
		return found;
	},
	tags: function () {
		var names = Array.from(arguments);

		return this.children.filter(function (e) { return names.indexOf(e.tag) >= 0; });
	},
	getAttribute: function (name) {
		return this.attributes.hasOwnProperty(name) ? this.attributes[name] : null;
	},
	setAttribute: function (name, value) {
		this.attributes[name] = String(value);
	},
	addEventListener: function (name, call) {
		if (name !== 'click')
			throw new Error('what event is ' + name);
		this.onclick.push(call);
	},
	click: function () {
		this.onclick.forEach(function (call) { call(); });
	},
	appendChild: function (e) {
		var at = e.parent.parts.indexOf(e);

		e.parent.parts.splice(at, 1);
		e.parent = this;
		this.parts.push(e);
	}
};

function property(name, get, set) {
	Object.defineProperty(Node.prototype, name, { get: get, set: set });
}

property('children', function () {
	var found = [];

	this.elements(function (e) { found.push(e); });
	return found;
});
property('textContent', function () {
	return this.parts.map(function (part) {
		return typeof part === 'string' ? part : part.textContent;
	}).join('');
}, function (text) {
	this.parts = [text];
});
property('className', function () { return this.getAttribute('class') || ''; });
property('tHead', function () { return this.tags('thead')[0]; });
property('tBodies', function () { return this.tags('tbody'); });
property('rows', function () { return this.tags('tr'); });
property('cells', function () { return this.tags('th', 'td'); });

var document = new Node(page);

document.getElementById = function (id) {
	return document.all(function (e) { return e.getAttribute('id') === id; })[0];
};

// "#ID .CLASS"
document.querySelectorAll = function (selector) {
	var words = /^#([a-z]+) \.([a-z]+)$/.exec(selector);

	return document.getElementById(words[1]).all(function (e) {
		return e.className.split(' ').indexOf(words[2]) >= 0;
	});
};
