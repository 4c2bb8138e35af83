-- Steps of .ci/neovim, in the editor.

local function fail(message)
  io.stderr:write("FAILED: " .. message .. "\n")
  vim.cmd("cquit")
end

local function codes(buffer)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    local code = one.code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code) or "problem"
    table.insert(found, code)
  end
  table.sort(found)
  return found
end

local function has(buffer, code)
  return vim.tbl_contains(codes(buffer), code)
end

local function wait(what, holds)
  if not vim.wait(30000, holds, 20) then
    fail(what)
  end
  io.stdout:write("holds: " .. what .. "\n")
end

local function run()
  vim.cmd("edit Dockerfile")
  local dockerfile = vim.api.nvim_get_current_buf()
  wait("the Dockerfile has diagnostics", function() return has(dockerfile, "debug-enabled-by-env") end)

  vim.cmd("edit shop/settings.py")
  local settings = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_lines(settings, 1, 2, false, { "DEBUG = False" })
  wait("an edit in the settings takes one away", function() return not has(dockerfile, "debug-enabled-by-env") end)
  vim.cmd("undo")
  wait("undoing it brings it back", function() return has(dockerfile, "debug-enabled-by-env") end)
  vim.cmd("redo")
  wait("and away again", function() return not has(dockerfile, "debug-enabled-by-env") end)
  vim.cmd("silent write")

  vim.api.nvim_set_current_buf(dockerfile)
  local uri = vim.uri_from_bufnr(dockerfile)
  local last = vim.api.nvim_buf_line_count(dockerfile)
  local params = {
    textDocument = { uri = uri },
    range = { start = { line = 0, character = 0 }, ["end"] = { line = last, character = 0 } },
    context = { only = { "source.fixAll" }, diagnostics = {} },
  }
  local answers = vim.lsp.buf_request_sync(dockerfile, "textDocument/codeAction", params, 30000) or {}
  local action
  for _, answer in pairs(answers) do
    action = action or (answer.result or {})[1]
  end
  if not action then
    return fail("fixing all is offered")
  end
  if not action.edit then
    answers = vim.lsp.buf_request_sync(dockerfile, "codeAction/resolve", action, 30000) or {}
    for _, answer in pairs(answers) do
      action = answer.result or action
    end
  end
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  vim.lsp.util.apply_workspace_edit(action.edit, get()[1].offset_encoding or "utf-16")
  wait("fixing all mends", function() return not has(dockerfile, "add-instead-of-copy") end)
  vim.cmd("silent write")
  io.stdout:write("all steps hold\n")
  vim.cmd("qall!")
end

vim.schedule(function()
  local fine, message = pcall(run)
  if not fine then
    fail(message)
  end
end)
