// The page's script, one module in several files. It knows how to put pieces of
// HTML in their places, and to tell the server what its user does; what anything
// means is known only there.

const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const app = $('#app')
const spare = id => document.getElementById(id).content.firstElementChild.cloneNode(true)
const parse = html => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

// piece fetches a piece of the page: null if it is gone, undefined if it is out of
// reach, which is said.
async function piece(url) {
  try {
    const answer = await fetch(url), html = await answer.text()
    return answer.ok ? parse(html) : null
  } catch { note(unreachable) }
}

/* What the user does */

// post sends an action and does what the server answers; it returns whether it worked.
async function post(path, args) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: args instanceof FormData ? {} : { 'Content-Type': 'application/json' },
      body: args instanceof FormData ? args : JSON.stringify(args),
    })
    const { go: target, error } = await answer.json()
    if (error) note(error)
    if (target) await go(target)
    return !error
  } catch {
    note(unreachable)
    return false
  }
}
const unreachable = 'The workspace does not answer. Is it still running?'
const act = (action, args) => post(`${app.dataset.base}/do/${action}`, args)

// note shows a sentence for a while; once, however often it is said meanwhile.
function note(text) {
  if ($$('#notes span').some(said => said.textContent === text)) return
  const box = parse('<div><span></span><button type="button" class="round" aria-label="Dismiss">✕</button></div>').firstChild
  box.firstChild.textContent = text
  box.lastChild.onclick = () => box.remove()
  $('#notes').append(box)
  setTimeout(() => box.remove(), 8000)
}
