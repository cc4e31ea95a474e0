import { NotBuilt } from '@/ui/NotBuilt'

export const LoginPage = () => <NotBuilt />
