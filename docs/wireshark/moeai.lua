-- SPDX-License-Identifier: GPL-2.0
--
-- Wireshark's dissector for MoeAI's generic netlink messages.
--
--   wireshark -X lua_script:moeai.lua FILE, or put it into the plugins folder
--   ip link add nlmon0 type nlmon && ip link set nlmon0 up && tshark -i nlmon0
--
-- Wireshark learns which messages are MoeAI's when a program resolves the family,
-- and this file learns the fields of events, commands and tables when a program
-- dumps the tables "fields", "event_types" and "commands": moectl does both, so
-- begin to capture before it, or run 'moectl table NAME' meanwhile. The files of
-- 'moectl record' have all of that. Filter:
--
--   moeai.event.priority >= 3        moeai.field.name == "comm"
--   moeai.field == "comm=sshd"       moeai.event.type_name == "user.message"
--
-- Numbers are read as of a little-endian machine.

local moeai = Proto("moeai", "MoeAI")

-- As in linux/moeai.h, from 1 on: name, type or set of a nest, enum or display.
-- "by": what the attributes mean is told by the schema.
local sets = {
	event = { "pad", "seq u64", "time u64", "type u32", "priority u32 priority",
		"source string", "data by", "filter filter", "epoch u64 hex", "first u64",
		"next u64", "lost lost" },
	filter = { "since u64", "epoch u64 hex", "type u32", "min-priority u32 priority",
		"source string" },
	lost = { "from u64", "to u64", "reason u32 lost-reason" },
	command = { "id u32", "name string", "args by" },
	response = { "id u32", "status s32", "data by", "message string" },
	status = { "state u32 state", "epoch u64 hex", "uptime u64", "time u64", "cpu u32",
		"memory u32", "swap-free u64", "rx u64", "tx u64", "pages-in u64", "pages-out u64",
		"modules u32", "failed u32", "log-size u64", "log-attempted u64", "log-logged u64",
		"log-refused u64", "log-held u64", "log-overwritten u64", "log-cleared u64",
		"log-first u64", "log-next u64", "version string" },
	data = { "pad", "table string", "generation u64", "row by", "action u32 action", "txn u32",
		"more flag", "abort flag", "confirm u32", "changed u64", "error error",
		"rows u64" },
	error = { "row u64", "field string", "status s32", "message string" },
	fields = { "kind u32 schema-kind", "owner string", "id u32", "name string",
		"type u32 field-type", "unit u32 unit", "flags u32", "range-min s64",
		"range-max s64", "labels string", "help string" },
}

local enums = {
	message = { [1] = "event", [2] = "command", [3] = "response", [4] = "status",
		[5] = "data" },
	priority = { [0] = "debug", [1] = "info", [2] = "notice", [3] = "warning",
		[4] = "critical" },
	["lost-reason"] = { [0] = "overwritten", [1] = "cleared" },
	state = { [0] = "starting", [1] = "ok", [2] = "degraded", [3] = "stopping" },
	action = { [1] = "add", [2] = "replace", [3] = "delete", [4] = "flush", [5] = "confirm",
		[6] = "rollback" },
	["schema-kind"] = { [0] = "event", [1] = "args", [2] = "reply", [3] = "param",
		[4] = "table", [5] = "status" },
	["field-type"] = { [1] = "bool", [2] = "u32", [3] = "s32", [4] = "u64", [5] = "s64",
		[6] = "string", [7] = "binary", [8] = "prefix", [9] = "enum", [10] = "flags" },
	unit = { [0] = "none", [1] = "count", [2] = "bytes", [3] = "bytes-s", [4] = "pages-s",
		[5] = "ns", [6] = "time", [7] = "permille", [8] = "count-s" },
}

-- ---- Wireshark's fields -----------------------------------------------------------

local makers = {
	u32 = function(a, n, how) return ProtoField.uint32(a, n, base.DEC, enums[how]) end,
	s32 = function(a, n) return ProtoField.int32(a, n) end,
	u64 = function(a, n, how)
		return ProtoField.uint64(a, n, how == "hex" and base.HEX or base.DEC)
	end,
	s64 = function(a, n) return ProtoField.int64(a, n) end,
	string = function(a, n) return ProtoField.string(a, n) end,
}

local known = {} -- set -> id -> { name, kind, proto field }
local all = {}

local function add_field(field)
	all[#all + 1] = field
	return field
end

for set, attributes in pairs(sets) do
	known[set] = {}
	for id, said in ipairs(attributes) do
		local name, kind, how = said:match("^(%S+) ?(%S*) ?(%S*)$")
		local abbreviation = "moeai." .. set .. "." .. name:gsub("-", "_")
		local label = name:gsub("-", " ")
		local make = makers[kind]
		known[set][id] = { name = name, kind = kind, field = add_field(
			make and make(abbreviation, label, how) or
			ProtoField.none(abbreviation, label)) }
	end
end

local f_message = add_field(ProtoField.uint8("moeai.message", "message", base.DEC, enums.message))
local f_type = add_field(ProtoField.string("moeai.event.type_name", "type's name"))
local f_command = add_field(ProtoField.string("moeai.command_name", "command's name"))
local f_field = add_field(ProtoField.string("moeai.field", "field"))
local f_name = add_field(ProtoField.string("moeai.field.name", "name"))
local f_value = add_field(ProtoField.string("moeai.field.value", "value"))
local f_unknown = add_field(ProtoField.bytes("moeai.unknown", "unknown attribute"))
moeai.fields = all

local e_malformed = ProtoExpert.new("moeai.malformed", "malformed attribute",
	expert.group.MALFORMED, expert.severity.ERROR)
moeai.experts = { e_malformed }

-- ---- what the capture has told ------------------------------------------------------
-- Ids mean something else after the module was loaded again: the latest word before
-- a frame counts, or the first one after it.

local learned
local waiting -- rows of event_types and commands that came before their columns' names

function moeai.init()
	learned = {}
	waiting = {}
end

local function learn(key, value, frame)
	local words = learned[key]
	if not words then
		words = {}
		learned[key] = words
	end
	for _, word in ipairs(words) do
		if word.frame == frame then
			word.value = value
			return
		end
	end
	words[#words + 1] = { frame = frame, value = value }
	table.sort(words, function(a, b) return a.frame < b.frame end)
end

local function recall(key, frame)
	local words = learned[key] or {}
	local best = words[1]
	for _, word in ipairs(words) do
		if word.frame <= frame then
			best = word
		end
	end
	return best and best.value
end

local function schema_key(kind, owner, id)
	return kind .. " " .. owner .. " " .. id
end

-- ---- attributes -----------------------------------------------------------------------

-- Calls fn(id, payload, whole) for each attribute; payload is nil if there is none.
local function each(range, tree, fn)
	local at, size = 0, range and range:len() or 0
	while at + 4 <= size do
		local len = range(at, 2):le_uint()
		if len < 4 or at + len > size then
			tree:add_proto_expert_info(e_malformed)
			return
		end
		local id = bit.band(range(at + 2, 2):le_uint(), 0x3fff)
		fn(id, len > 4 and range(at + 4, len - 4) or nil, range(at, len))
		at = at + bit.band(len + 3, bit.bnot(3))
	end
end

local function find(range, tree, wanted)
	local found
	each(range, tree, function(id, payload)
		if id == wanted then
			found = payload
		end
	end)
	return found
end

-- An id, if it has the size of one.
local function number(payload)
	return payload and payload:len() == 4 and payload:le_uint() or nil
end

-- Up to a NUL, or to its end if it has none.
local function text(payload)
	return payload and payload:string(ENC_UTF_8):match("^[^%z]*") or ""
end

local function split(labels)
	local names = {}
	for label in labels:gmatch("[^|]+") do
		names[#names + 1] = label
	end
	return names
end

local function flags(value, labels)
	local set = {}
	for n, label in ipairs(labels) do
		if bit.band(value, bit.lshift(1, n - 1)) ~= 0 then
			set[#set + 1] = label
		end
	end
	return table.concat(set, "|")
end

local function prefix(p)
	if p:len() == 5 then
		return string.format("%s/%d", tostring(p(1, 4):ipv4()), p(0, 1):uint())
	elseif p:len() == 17 then
		return string.format("%s/%d", tostring(p(1, 16):ipv6()), p(0, 1):uint())
	end
	return p:bytes():tohex()
end

local sizes = { bool = 1, u32 = 4, s32 = 4, u64 = 8, s64 = 8, enum = 4, flags = 4 }
local readers = {
	bool = function(p) return p:uint() ~= 0 and "true" or "false" end,
	u32 = function(p) return tostring(p:le_uint()) end,
	s32 = function(p) return tostring(p:le_int()) end,
	u64 = function(p) return tostring(p:le_uint64()) end,
	s64 = function(p) return tostring(p:le_int64()) end,
	string = text,
	prefix = prefix,
	enum = function(p, f) return f.labels[p:le_uint() + 1] or tostring(p:le_uint()) end,
	flags = function(p, f) return flags(p:le_uint(), f.labels) end,
}

local function read(field, payload)
	local size = sizes[field.type]
	if not payload then
		return ""
	end
	if not readers[field.type] or (size and payload:len() ~= size) then
		return payload:bytes():tohex()
	end
	return readers[field.type](payload, field)
end

-- Attributes that a schema describes.
local function by_schema(range, tree, kind, owner, frame)
	each(range, tree, function(id, payload, whole)
		local field = owner and recall(schema_key(kind, owner, id), frame)
		if not field then
			tree:add(f_unknown, whole):append_text(string.format(" (%s %s, field %d)",
				kind, owner or "unknown", id))
			return
		end
		local value = read(field, payload)
		local item = tree:add(f_field, whole, field.name .. "=" .. value)
		local unit = (field.unit or "none") ~= "none" and " " .. field.unit or ""
		item:set_text(field.name .. ": " .. value .. unit)
		item:add(f_name, whole, field.name)
		item:add(f_value, payload or whole, value)
	end)
end

local static -- below

local names = { event_types = true, commands = true }

-- Rows that tell a name: plain is the row's attributes, id -> { number, text }.
local function learn_name(owner, plain, frame)
	local id = recall("column " .. owner .. " id", frame)
	local name = recall("column " .. owner .. " name", frame)
	if not id or not name then
		waiting[#waiting + 1] = { owner, plain, frame }
	elseif plain[id] and plain[name] then
		learn(owner .. " " .. tostring(plain[id].number), plain[name].text, frame)
	end
end

local function learn_waiting()
	local rows = waiting
	waiting = {}
	for _, one in ipairs(rows) do
		learn_name(one[1], one[2], one[3])
	end
end

local function plain_row(range, tree)
	local plain = {}
	each(range, tree, function(id, payload)
		plain[id] = payload and { number = number(payload), text = text(payload) }
	end)
	return plain
end

-- A row of table "fields" is known beforehand; it tells what all others mean.
local function learn_field(range, tree, frame)
	local row = {}
	for id, value in pairs(plain_row(range, tree)) do
		local a = known.fields[id]
		if a then
			row[a.name] = a.kind == "string" and value.text or value.number
		end
	end
	if not row.owner or not row.id or not row.name then
		return
	end
	local kind = enums["schema-kind"][row.kind] or "?"
	learn(schema_key(kind, row.owner, row.id), {
		name = row.name,
		type = enums["field-type"][row.type],
		unit = enums.unit[row.unit],
		labels = split(row.labels or ""),
	}, frame)
	if kind == "table" and names[row.owner] then
		learn("column " .. row.owner .. " " .. row.name, row.id, frame)
		learn_waiting()
	end
end

local function row(range, tree, c)
	if c.owner == "fields" then
		learn_field(range, tree, c.frame)
		static("fields", range, tree, c)
		return
	end
	if names[c.owner] then
		learn_name(c.owner, plain_row(range, tree), c.frame)
	end
	by_schema(range, tree, "table", c.owner, c.frame)
end

-- c: kind and owner of the schema of what is "by" one, frame.
function static(set, range, tree, c)
	each(range, tree, function(id, payload, whole)
		local a = known[set][id]
		if not a then
			tree:add(f_unknown, whole):append_text(string.format(" (%s %d)", set, id))
		elseif a.kind == "by" then
			local item = tree:add(a.field, whole)
			if set == "data" then
				row(payload, item, c)
			else
				by_schema(payload, item, c.kind, c.owner, c.frame)
			end
		elseif sets[a.kind] then
			static(a.kind, payload, tree:add(a.field, whole), c)
		elseif a.kind == "string" then
			tree:add(a.field, payload or whole, text(payload))
		elseif makers[a.kind] and payload and
			payload:len() == tonumber(a.kind:sub(2)) / 8 then
			tree:add_le(a.field, payload)
		elseif makers[a.kind] then
			tree:add_proto_expert_info(e_malformed)
		else
			tree:add(a.field, whole)
		end
	end)
end

-- ---- messages ---------------------------------------------------------------------------

-- Whose schema a message's nest has. Returns kind, owner; and what the list shows.
local owners = {
	event = function(range, tree, frame)
		local payload = find(range, tree, 4)
		local id = number(payload)
		if id then
			local name = recall("event_types " .. id, frame)
			tree:add(f_type, payload, name or "unknown"):set_generated()
			return "event", name, name
		end
		-- Only user.message can be published.
		return "event", find(range, tree, 7) and "user.message",
			find(range, tree, 12) and "lost" or find(range, tree, 10) and "announcement"
	end,
	command = function(range, tree, frame)
		local id, name = find(range, tree, 1), find(range, tree, 2)
		if name then
			name = text(name)
		elseif number(id) then
			name = recall("commands " .. number(id), frame)
			tree:add(f_command, id, name or "unknown"):set_generated()
		end
		return "args", name, name
	end,
	response = function(range, tree, frame)
		local id = find(range, tree, 1)
		local name = number(id) and recall("commands " .. number(id), frame)
		if name then
			tree:add(f_command, id, name):set_generated()
		end
		return "reply", name, name
	end,
	data = function(range, tree)
		local name = find(range, tree, 2)
		return "table", name and text(name), name and text(name)
	end,
}

function moeai.dissector(buffer, pinfo, tree)
	if buffer:len() < 4 then
		return 0
	end
	local message = enums.message[buffer(0, 1):uint()]
	local item = tree:add(moeai, buffer(), "MoeAI: " .. (message or "unknown message"))
	local range = buffer:len() > 4 and buffer(4) or nil
	local c, what = { frame = pinfo.number }, nil

	item:add(f_message, buffer(0, 1))
	pinfo.cols.protocol = "MoeAI"
	if not message then
		return buffer:len()
	end
	if range and owners[message] then
		c.kind, c.owner, what = owners[message](range, item, c.frame)
	end
	if what then
		item:append_text(" " .. what)
	end
	pinfo.cols.info:append(string.format(" | %s%s", message, what and " " .. what or ""))
	if range then
		static(message, range, item, c)
	end
	return buffer:len()
end

DissectorTable.get("genl.family"):add("MOEAI", moeai)
