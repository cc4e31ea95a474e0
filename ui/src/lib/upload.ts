import { csrfToken } from './client'
import { problemOf } from './problem'

type Options = { onProgress?: (sent: number, total: number) => void; signal?: AbortSignal }

/** Sends a file (a FormData) and tells how far it is, which `fetch` cannot. */
export function upload<T>(path: string, body: FormData, { onProgress, signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('X-CSRFToken', csrfToken() ?? '')
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded, total)
    request.onerror = () => reject(new TypeError('The connection was lost'))
    request.onabort = () => reject(new DOMException('The upload was cancelled', 'AbortError'))
    request.onload = async () => {
      const { status, statusText, responseText } = request
      if (status < 300) return resolve(JSON.parse(responseText || 'null') as T)
      return reject(await problemOf(new Response(responseText, { status, statusText })))
    }
    signal?.addEventListener('abort', () => request.abort())
    request.send(body)
  })
}
